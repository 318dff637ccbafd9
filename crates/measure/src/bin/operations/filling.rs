//! What makes a station larger than an empty one: idTags in its cache, messages in its queue.

use ocpp::{domain::IdToken, station::Input};

use crate::bench::Bench;

/// Lets the station learn that many idTags.
pub fn tags(bench: &mut Bench<'_>, count: usize) {
    bench.settle();
    for number in 0..count {
        let id_tag = IdToken::try_from(format!("TAG{number:08}").as_str()).unwrap();
        bench.handle(Input::Authorize(&id_tag));
        bench.settle();
    }
}

/// Lets that many messages wait: meter values of a transaction at connector 2,
/// for as long as the central system could not be reached.
pub fn messages(bench: &mut Bench<'_>, count: usize) {
    if count == 0 {
        return;
    }
    bench.begin(2);
    bench.away = true;
    bench.handle(Input::Disconnected);
    while bench.queued() < count {
        bench.now = bench.settle();
        bench.register += 10;
    }
    bench.away = false;
}
