//! Responses of the CSMS, as a station takes them.

use crate::{
    dialect::{BootAnswer, DataTransferAnswer, StartAnswer, TokenInfo},
    domain::{AuthorizationStatus, DataTransferStatus, RegistrationStatus},
    wire::{
        Json, Kind, Payload, Text, UnixMillis,
        field::Violation,
        message::{Dispensable, answer, messages},
    },
};

messages! {
    /// BootNotificationResponse
    BootNotification {
        /// The CSMS's clock.
        current_time: Dispensable<UnixMillis> = "currentTime" Kind::Time,
        /// Seconds: heartbeat, or until the next try.
        interval: Dispensable<i32> = "interval" Kind::Integer,
        /// May the station work?
        status: RegistrationStatus = "status" Kind::Choice(RegistrationStatus::NAMES),
    }

    /// HeartbeatResponse
    Heartbeat {
        /// The CSMS's clock.
        current_time: UnixMillis = "currentTime" Kind::Time,
    }

    /// AuthorizeResponse
    Authorize<'a> {
        /// What the CSMS says of the token.
        info: Json<'a> = "idTokenInfo" Kind::Any,
    }

    /// TransactionEventResponse
    TransactionEvent<'a> {
        /// What the CSMS says of the token.
        info: Option<Json<'a>> = "idTokenInfo" Kind::Any,
    }

    /// DataTransferResponse
    DataTransfer<'a> {
        /// What became of it.
        status: DataTransferStatus = "status" Kind::Choice(DataTransferStatus::NAMES),
        /// What the CSMS says to it.
        data: Option<Json<'a>> = "data" Kind::Any,
    }

    /// `IdTokenInfoType`
    IdTokenInfo<'a> {
        /// May it charge?
        status: AuthorizationStatus = "status" Kind::Choice(AuthorizationStatus::NAMES),
        /// Until when the station may remember that.
        expires: Option<UnixMillis> = "cacheExpiryDateTime" Kind::Time,
        /// Its group.
        group: Option<Json<'a>> = "groupIdToken" Kind::Any,
    }

    /// `IdTokenType`, as far as a group is compared.
    IdTokenType<'a> {
        /// The text.
        text: Text<'a> = "idToken" Kind::Text(36),
    }

    /// A response that says nothing.
    Empty {}
}

fn token_info(info: Json<'_>) -> Result<TokenInfo<'_>, Violation> {
    let info: IdTokenInfo<'_> = answer(info.into())?;
    let group = info
        .group
        .and_then(|group| answer::<IdTokenType<'_>>(group.into()).ok());
    Ok(TokenInfo {
        status: info.status,
        expires: info.expires,
        parent: group.map(|group| group.text),
    })
}

pub(crate) fn boot_answer(payload: Payload<'_>) -> Result<BootAnswer, Violation> {
    let answer: BootNotification = answer(payload)?;
    Ok(BootAnswer {
        status: answer.status,
        time: answer.current_time.0,
        interval: answer.interval.0,
    })
}

/// The CSMS's clock.
pub(crate) fn heartbeat_answer(payload: Payload<'_>) -> Result<UnixMillis, Violation> {
    let answer: Heartbeat = answer(payload)?;
    Ok(answer.current_time)
}

pub(crate) fn authorize_answer(payload: Payload<'_>) -> Result<TokenInfo<'_>, Violation> {
    let answer: Authorize<'_> = answer(payload)?;
    token_info(answer.info)
}

pub(crate) fn data_transfer_answer(
    payload: Payload<'_>,
) -> Result<DataTransferAnswer<'_>, Violation> {
    let answer: DataTransfer<'_> = answer(payload)?;
    Ok(DataTransferAnswer {
        status: answer.status,
        payload: answer.data.and_then(Json::text),
    })
}

/// Without a word on the token, it is as good as before.
pub(crate) fn start_answer(payload: Payload<'_>) -> Result<StartAnswer<'_>, Violation> {
    Ok(StartAnswer {
        info: Some(end_answer(payload)?.unwrap_or(TokenInfo {
            status: AuthorizationStatus::Accepted,
            expires: None,
            parent: None,
        })),
        transaction_id: None,
    })
}

/// What is said of the token that ended a transaction.
pub(crate) fn end_answer(payload: Payload<'_>) -> Result<Option<TokenInfo<'_>>, Violation> {
    let answer: TransactionEvent<'_> = answer(payload)?;
    answer.info.map(token_info).transpose()
}

/// A response that says nothing.
pub(crate) fn confirmation(payload: Payload<'_>) -> Result<(), Violation> {
    answer::<Empty>(payload).map(|_| ())
}
