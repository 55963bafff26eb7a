//! Calls of which nothing comes any more, on a clock that moves.

use std::time::Duration;

use hotline::call::EndCause;

use crate::app::{App, Way};
use crate::client::Caller;

#[tokio::test]
async fn a_call_of_which_nothing_comes_is_ended_and_is_told_so_if_it_comes_back() {
    let app = App::start(Way::Http).await;
    let mut caller = Caller::new(&reqwest::Client::new(), &app.carrier.public.to_string(), 1);
    caller.arrives().await;
    caller.is_silent().await;
    assert_eq!(caller.presses("1").await, 200);
    let menu = caller.document.clone();

    // A menu of 15 s, its timers and a minute more: a call that is only slow goes on.
    app.world.clock.advance(Duration::from_mins(1));
    app.world.service.sweep().await;
    assert_eq!(caller.presses("3").await, 200);
    assert_ne!(caller.document, menu);
    assert!(caller.heard("<Gather"), "{}", caller.document);

    app.world.clock.advance(Duration::from_hours(1));
    app.world.service.sweep().await;
    assert_eq!(app.world.cause_of_last_end().await.unwrap(), Some(EndCause::Lost));
    assert_eq!(app.world.service.calls_in_progress(), 0);
    assert_eq!(caller.presses("1").await, 200);
    assert!(caller.heard("<Play") && caller.heard("<Hangup/>") && !caller.heard("<Gather"), "{}", caller.document);
}
