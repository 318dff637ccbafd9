//! Answers of the central system, as a station takes them.

use super::core_profile::{
    AuthorizeAnswer, BootNotificationAnswer, DataTransferAnswer as Transferred, Empty,
    HeartbeatAnswer, IdTagInfo, StartTransactionAnswer, StopTransactionAnswer,
};
use crate::{
    dialect::{BootAnswer, DataTransferAnswer, StartAnswer, TokenInfo},
    wire::{Payload, UnixMillis, field::Violation, message::answer},
};

impl<'a> From<IdTagInfo<'a>> for TokenInfo<'a> {
    fn from(info: IdTagInfo<'a>) -> Self {
        Self {
            status: info.status,
            expires: info.expiry_date,
            parent: info.parent_id_tag,
        }
    }
}

pub(crate) fn boot_answer(payload: Payload<'_>) -> Result<BootAnswer, Violation> {
    let answer: BootNotificationAnswer = answer(payload)?;
    Ok(BootAnswer {
        status: answer.status,
        time: answer.current_time.0,
        interval: answer.interval.0,
    })
}

/// The central system's clock.
pub(crate) fn heartbeat_answer(payload: Payload<'_>) -> Result<UnixMillis, Violation> {
    let answer: HeartbeatAnswer = answer(payload)?;
    Ok(answer.current_time)
}

pub(crate) fn authorize_answer(payload: Payload<'_>) -> Result<TokenInfo<'_>, Violation> {
    let answer: AuthorizeAnswer<'_> = answer(payload)?;
    Ok(answer.id_tag_info.into())
}

pub(crate) fn data_transfer_answer(
    payload: Payload<'_>,
) -> Result<DataTransferAnswer<'_>, Violation> {
    let answer: Transferred<'_> = answer(payload)?;
    Ok(DataTransferAnswer {
        status: answer.status,
        payload: answer.payload,
    })
}

pub(crate) fn start_answer(payload: Payload<'_>) -> Result<StartAnswer<'_>, Violation> {
    let answer: StartTransactionAnswer<'_> = answer(payload)?;
    Ok(StartAnswer {
        info: answer.id_tag_info.0.map(TokenInfo::from),
        transaction_id: Some(answer.transaction_id.into()),
    })
}

/// What is said of the idTag that ended a transaction.
pub(crate) fn end_answer(payload: Payload<'_>) -> Result<Option<TokenInfo<'_>>, Violation> {
    let answer: StopTransactionAnswer<'_> = answer(payload)?;
    Ok(answer.id_tag_info.map(TokenInfo::from))
}

/// An answer that says nothing.
pub(crate) fn confirmation(payload: Payload<'_>) -> Result<(), Violation> {
    answer::<Empty>(payload).map(|_| ())
}
