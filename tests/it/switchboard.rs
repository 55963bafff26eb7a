//! The provider in the box: pages call, hear, press keys and talk, with time that is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hotline::audio::mulaw;
use hotline::call::{CallId, DialOutcome, EndCause, Ending, Kind, Record, Recording, Reply, Timestamp, What};
use hotline::clock::Clock;
use hotline::dialect::{Performance, Report};
use hotline::simulator::{Exchange, MovableClock, Said, Trouble};
use hotline::store::{DataKey, SOURCE};
use hotline::switchboard::message::{Does, KeysTold, Told, TroubleTold};
use hotline::switchboard::{Cord, FromPage, Setup, Switchboard, ToPage, Watching};

use crate::app::{App, DATA_KEY, Way};

/// 2026-03-31, ten in the morning in Beijing: a working day.
const MORNING: Timestamp = Timestamp::from_millis(1_774_922_400_000);
const ID: &str = "000101198503121233#";
const PIN: &str = "204816#";

/// An exchange that tells how many requests are under way: time stands still meanwhile.
#[derive(Debug)]
struct Counted {
    inner: Arc<dyn Exchange>,
    asking: Arc<AtomicUsize>,
}

struct Asking<'a>(&'a AtomicUsize);

impl<'a> Asking<'a> {
    fn begins(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Exchange for Counted {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn arrivals(&self) -> String {
        self.inner.arrivals()
    }

    async fn ask(&self, kind: Kind, url: &str, report: Report, now: Timestamp) -> Result<Performance<Said>, Trouble> {
        let _asking = Asking::begins(&self.asking);
        self.inner.ask(kind, url, report, now).await
    }

    async fn tell(&self, kind: Kind, url: Option<&str>, report: Report, now: Timestamp) -> Result<(), Trouble> {
        let _asking = Asking::begins(&self.asking);
        self.inner.tell(kind, url, report, now).await
    }
}

struct Stage {
    app: App,
    clock: Arc<MovableClock>,
    asking: Arc<AtomicUsize>,
    board: Arc<Switchboard>,
}

/// A page with what it has been told and has heard.
struct Page {
    cord: Cord,
    /// Samples since the last look.
    heard: Vec<u8>,
    ticket: String,
}

impl Stage {
    async fn new() -> Self {
        Self::by(Way::Memory).await
    }

    async fn by(way: Way) -> Self {
        Self::over(App::start(way).await)
    }

    fn over(app: App) -> Self {
        let clock = Arc::clone(&app.world.clock);
        clock.set(MORNING);
        let asking = Arc::new(AtomicUsize::new(0));
        let board = board(&app, &clock, &asking);
        Self { app, clock, asking, board }
    }

    /// Everybody's connection breaks off, and there is another process.
    fn restart(&mut self) {
        self.board = board(&self.app, &self.clock, &self.asking);
    }

    fn phone(&self) -> Page {
        Page { cord: self.board.caller(), heard: Vec::new(), ticket: String::new() }
    }

    fn desk(&self) -> Page {
        Page { cord: self.board.desk("1001"), heard: Vec::new(), ticket: String::new() }
    }

    /// The next thing that a page is told, whatever time that takes.
    async fn next(&self, page: &mut Page) -> Told {
        let mut settled = false;
        loop {
            match page.cord.from.try_recv() {
                Ok(ToPage::Sound(sound)) => page.heard.extend_from_slice(&sound),
                Ok(ToPage::Text(Told::Ticket { ticket })) => page.ticket = ticket,
                Ok(ToPage::Text(told)) => return told,
                Err(_) if settled => {
                    self.pass();
                    settled = false;
                }
                Err(_) => {
                    settle().await;
                    settled = true;
                }
            }
        }
    }

    /// Moves the clock to what comes next, unless somebody is being asked.
    fn pass(&self) {
        if self.asking.load(Ordering::SeqCst) == 0
            && let Some(wake) = self.clock.next_wake()
        {
            self.clock.advance_to(wake);
        }
    }

    /// Waits for what `wanted` takes; anything else that is told meanwhile is passed over.
    async fn until<T>(&self, page: &mut Page, wanted: impl Fn(&Told) -> Option<T>) -> T {
        loop {
            let told = self.next(page).await;
            if let Some(found) = wanted(&told) {
                return found;
            }
            assert!(!matches!(told, Told::Ended { .. } | Told::Trouble { .. }), "{told:?}");
        }
    }

    async fn hears(&self, page: &mut Page, wanted: &str) -> (String, u64) {
        self.until(page, |told| {
            if let Told::Says { prompt: Some(prompt), text, ms, .. } = told
                && prompt == wanted
            {
                Some((text.clone(), *ms))
            } else {
                None
            }
        })
        .await
    }

    async fn listens(&self, page: &mut Page) -> KeysTold {
        self.until(page, |told| if let Told::Listens { keys, .. } = told { Some(*keys) } else { None }).await
    }

    async fn presses(&self, page: &mut Page, keys: &str) {
        // Nobody is faster, and what is told may be a little ahead of what is heard.
        self.clock.advance(Duration::from_millis(200));
        for key in keys.chars() {
            page.does(Does::Key { key }).await;
            let lost = self.until(page, |told| if let Told::Key { lost } = told { Some(*lost) } else { None }).await;
            assert!(!lost, "{key}");
        }
    }

    /// A call up to the main menu in Mandarin.
    async fn calls(&self) -> Page {
        let mut page = self.phone();
        page.does(Does::Call { from: Some("+8612012345678".to_owned()), to: "12333".to_owned() }).await;
        assert_eq!(self.next(&mut page).await, Told::Connected);
        self.hears(&mut page, "entry.notice").await;
        self.presses(&mut page, "#").await;
        self.hears(&mut page, "entry.lang").await;
        self.presses(&mut page, "1").await;
        self.hears(&mut page, "main.menu").await;
        page
    }

    async fn ended(&self, page: &mut Page) -> EndCause {
        loop {
            if let Told::Ended { cause, .. } = self.next(page).await {
                return cause;
            }
        }
    }

    /// The caller asks for a person, and a desk takes the call.
    async fn talk(&self) -> (Page, Page) {
        let mut desk = self.desk();
        assert_eq!(self.next(&mut desk).await, Told::Connected);
        let mut phone = self.calls().await;
        self.presses(&mut phone, "0").await;
        let desks =
            self.until(&mut phone, |told| if let Told::Dials { desks, .. } = told { Some(*desks) } else { None });
        assert_eq!(desks.await, 1);
        let call = self.rings(&mut desk).await;
        desk.does(Does::Answer { call }).await;
        self.hears(&mut desk, "op.whisper").await;
        self.presses(&mut desk, "1").await;
        self.until(&mut desk, |told| (*told == Told::Talks).then_some(())).await;
        self.until(&mut phone, |told| (*told == Told::Talks).then_some(())).await;
        (phone, desk)
    }

    async fn rings(&self, desk: &mut Page) -> String {
        self.until(desk, |told| if let Told::Rings { call, .. } = told { Some(call.clone()) } else { None }).await
    }

    /// Both hear each other.
    async fn voices_arrive(&self, phone: &mut Page, desk: &mut Page) {
        voice_arrives(phone, desk, 0x11).await;
        voice_arrives(desk, phone, 0x22).await;
    }
}

async fn voice_arrives(from: &Page, to: &mut Page, voice: u8) {
    from.cord.to.send(FromPage::Sound(Bytes::from(vec![voice; 160]))).await.unwrap();
    while !to.heard.ends_with(&[voice; 160]) {
        match to.cord.from.try_recv() {
            Ok(ToPage::Sound(sound)) => to.heard.extend_from_slice(&sound),
            Ok(ToPage::Text(told)) => assert!(matches!(told, Told::Ticket { .. }), "{told:?}"),
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

/// Lets everybody do what they can at this instant.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

fn board(app: &App, clock: &Arc<MovableClock>, asking: &Arc<AtomicUsize>) -> Arc<Switchboard> {
    let watching = Arc::new(Watching::default());
    let carrier = app.carrier.clone().watched(Arc::clone(&watching) as _);
    let exchange = Counted { inner: Arc::new(carrier), asking: Arc::clone(asking) };
    board_on(app, clock, Arc::new(exchange), watching)
}

fn board_on(
    app: &App,
    clock: &Arc<MovableClock>,
    exchange: Arc<dyn Exchange>,
    watching: Arc<Watching>,
) -> Arc<Switchboard> {
    Switchboard::new(Setup {
        exchange,
        watching,
        service: Arc::clone(&app.world.service),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        key: DataKey::from_bytes(DATA_KEY).key_for("switchboard"),
    })
}

/// A provider with one document: it records.
#[derive(Debug, Default)]
struct Records(std::sync::Mutex<Vec<(Kind, What)>>);

#[async_trait]
impl Exchange for Records {
    fn name(&self) -> &'static str {
        "records"
    }

    fn arrivals(&self) -> String {
        "http://127.0.0.1/voice/embedded".to_owned()
    }

    async fn ask(&self, kind: Kind, _: &str, report: Report, _: Timestamp) -> Result<Performance<Said>, Trouble> {
        self.0.lock().unwrap().push((kind, report.event.what));
        let second = Duration::from_secs(1);
        let ending = if kind == Kind::Arrive {
            Ending::Record(Record { beep: true, longest: second * 30, silence: second * 2 })
        } else {
            Ending::HangUp(EndCause::Finished)
        };
        let url = |kind: Kind| (kind, format!("http://127.0.0.1/voice/embedded/{}/T0K", kind.name()));
        let urls = [Kind::Recorded, Kind::File].map(url).into();
        Ok(Performance { reply: Reply { prompts: Vec::new(), ending }, urls, answers_on_bridge: false })
    }

    async fn tell(&self, kind: Kind, _: Option<&str>, report: Report, _: Timestamp) -> Result<(), Trouble> {
        self.0.lock().unwrap().push((kind, report.event.what));
        Ok(())
    }
}

impl Page {
    async fn does(&self, does: Does) {
        self.cord.to.send(FromPage::Text(does)).await.unwrap();
    }
}

#[tokio::test]
async fn a_caller_hears_the_balance_in_real_time() {
    let stage = Stage::new().await;
    let mut page = stage.calls().await;
    stage.presses(&mut page, "1").await;
    stage.hears(&mut page, "auth.method").await;
    stage.presses(&mut page, "1").await;
    stage.hears(&mut page, "auth.id").await;
    stage.presses(&mut page, ID).await;
    stage.hears(&mut page, "auth.pin").await;
    stage.presses(&mut page, PIN).await;
    stage.hears(&mut page, "auth.ok").await;
    page.heard.clear();
    let began = stage.clock.now();
    let (text, ms) = stage.hears(&mut page, "med.balance").await;
    assert!(text.contains("一千零二十三元零五分"), "{text}");
    page.heard.clear();
    stage.hears(&mut page, "med.menu").await;
    // All of it has come as sound, in the time that it takes.
    let took = stage.clock.now().since(began);
    assert!(page.heard.len() as u64 > ms * 8, "{} samples of {ms} ms", page.heard.len());
    assert!(took + Duration::from_millis(100) >= Duration::from_millis(ms), "{took:?} for {ms} ms");
    page.does(Does::HangUp).await;
    assert_eq!(stage.ended(&mut page).await, EndCause::CallerHungUp);
    stage.app.stop().await;
}

#[tokio::test]
async fn keys_where_nothing_listens_are_lost_and_silence_goes_on_by_itself() {
    let stage = Stage::new().await;
    let mut page = stage.phone();
    page.does(Does::Call { from: None, to: "12333".to_owned() }).await;
    assert_eq!(stage.listens(&mut page).await, KeysTold::One);
    // Nobody presses anything.
    stage.hears(&mut page, "entry.lang").await;
    stage.presses(&mut page, "1").await;
    stage.hears(&mut page, "main.menu").await;
    stage.presses(&mut page, "0").await;
    // This is said before it rings, and nothing listens.
    stage.hears(&mut page, "op.transfer").await;
    page.does(Does::Key { key: '1' }).await;
    stage.until(&mut page, |told| (*told == Told::Key { lost: true }).then_some(())).await;
    page.does(Does::Key { key: 'x' }).await;
    let trouble = |told: &Told| if let Told::Trouble { what } = told { Some(*what) } else { None };
    assert_eq!(stage.until(&mut page, trouble).await, TroubleTold::BadMessage);
    page.does(Does::HangUp).await;
    assert_eq!(stage.ended(&mut page).await, EndCause::CallerHungUp);
    // The same page calls again.
    page.does(Does::Call { from: Some("nobody".to_owned()), to: "12333".to_owned() }).await;
    assert_eq!(stage.until(&mut page, trouble).await, TroubleTold::BadNumber);
    page.does(Does::Call { from: None, to: "12333".to_owned() }).await;
    stage.hears(&mut page, "entry.welcome").await;
    stage.app.stop().await;
}

#[tokio::test]
async fn a_desk_answers_and_both_hear_each_other_until_it_hangs_up() {
    let stage = Stage::new().await;
    let (mut phone, mut desk) = stage.talk().await;
    stage.voices_arrive(&mut phone, &mut desk).await;
    stage.clock.advance(Duration::from_secs(30));
    desk.does(Does::HangUp).await;
    assert_eq!(stage.ended(&mut desk).await, EndCause::Finished);
    let apart = |told: &Told| if let Told::Apart { outcome } = told { Some(*outcome) } else { None };
    assert_eq!(stage.until(&mut phone, apart).await, DialOutcome::Talked);
    stage.hears(&mut phone, "survey.ask").await;
    phone.does(Does::HangUp).await;
    assert_eq!(stage.ended(&mut phone).await, EndCause::CallerHungUp);
    // The desk is free again.
    let mut phone = stage.calls().await;
    stage.presses(&mut phone, "0").await;
    let call = stage.rings(&mut desk).await;
    // The caller leaves before anybody answers.
    phone.does(Does::HangUp).await;
    assert_eq!(stage.ended(&mut phone).await, EndCause::CallerHungUp);
    let quiet = |told: &Told| if let Told::Quiet { call } = told { Some(call.clone()) } else { None };
    assert_eq!(stage.until(&mut desk, quiet).await, call);
    stage.app.stop().await;
}

#[tokio::test]
async fn a_call_that_no_desk_takes_goes_on_in_the_flow() {
    let stage = Stage::new().await;
    let apart = |told: &Told| if let Told::Apart { outcome } = told { Some(*outcome) } else { None };
    let mut desk = stage.desk();
    for (does, outcome, prompt) in [
        (Some("decline"), DialOutcome::Busy, "op.busy"),
        (Some("hang up"), DialOutcome::Declined, "op.declined"),
        (Some("say nothing"), DialOutcome::Declined, "op.declined"),
        (None, DialOutcome::NoAnswer, "op.no-answer"),
    ] {
        let mut phone = stage.calls().await;
        stage.presses(&mut phone, "0").await;
        let call = stage.rings(&mut desk).await;
        match does {
            Some("decline") => desk.does(Does::Decline { call }).await,
            Some(then) => {
                desk.does(Does::Answer { call }).await;
                stage.hears(&mut desk, "op.whisper").await;
                if then == "hang up" {
                    desk.does(Does::HangUp).await;
                }
                assert_eq!(stage.ended(&mut desk).await, EndCause::HandedOver);
            }
            None => {}
        }
        assert_eq!(stage.until(&mut phone, apart).await, outcome, "{does:?}");
        stage.hears(&mut phone, prompt).await;
        phone.does(Does::HangUp).await;
        stage.ended(&mut phone).await;
    }
    stage.app.stop().await;
}

#[tokio::test]
async fn a_page_that_was_gone_goes_on_where_the_call_is_and_without_it_the_call_ends() {
    let stage = Stage::new().await;
    let page = stage.calls().await;
    let ticket = page.ticket.clone();
    drop(page);
    let mut page = stage.phone();
    page.does(Does::Resume { ticket: ticket.clone() }).await;
    assert_eq!(stage.next(&mut page).await, Told::Connected);
    // It is in the middle of a sentence, and keys count.
    assert_eq!(stage.listens(&mut page).await, KeysTold::One);
    stage.hears(&mut page, "main.menu").await;
    stage.presses(&mut page, "1").await;
    stage.hears(&mut page, "auth.method").await;
    drop(page);
    // Nobody comes back.
    let calls = || stage.app.world.service.calls_in_progress();
    assert_eq!(calls(), 1);
    while calls() > 0 {
        settle().await;
        stage.pass();
    }
    let mut page = stage.phone();
    page.does(Does::Resume { ticket: "made-up".to_owned() }).await;
    let trouble = |told: &Told| if let Told::Trouble { what } = told { Some(*what) } else { None };
    assert_eq!(stage.until(&mut page, trouble).await, TroubleTold::CallGone);
    stage.app.stop().await;
}

#[tokio::test]
async fn a_call_goes_on_after_a_new_start_and_so_does_a_talk() {
    let mut stage = Stage::new().await;
    let page = stage.calls().await;
    stage.restart();
    let mut again = stage.phone();
    again.does(Does::Resume { ticket: page.ticket.clone() }).await;
    assert_eq!(stage.next(&mut again).await, Told::Connected);
    stage.hears(&mut again, "main.menu").await;
    stage.presses(&mut again, "1").await;
    stage.hears(&mut again, "auth.method").await;
    again.does(Does::HangUp).await;
    stage.ended(&mut again).await;

    let (phone, desk) = stage.talk().await;
    stage.restart();
    let (mut phone_again, mut desk_again) = (stage.phone(), stage.desk());
    phone_again.does(Does::Resume { ticket: phone.ticket.clone() }).await;
    desk_again.does(Does::Resume { ticket: desk.ticket.clone() }).await;
    stage.until(&mut phone_again, |told| (*told == Told::Talks).then_some(())).await;
    stage.until(&mut desk_again, |told| (*told == Told::Talks).then_some(())).await;
    stage.voices_arrive(&mut phone_again, &mut desk_again).await;
    // In the same process a desk's page comes back to its talk.
    let ticket = desk_again.ticket.clone();
    drop(desk_again);
    let mut desk_again = stage.desk();
    desk_again.does(Does::Resume { ticket }).await;
    stage.until(&mut desk_again, |told| (*told == Told::Talks).then_some(())).await;
    stage.voices_arrive(&mut phone_again, &mut desk_again).await;
    stage.app.stop().await;
}

#[tokio::test]
async fn a_recording_is_what_the_caller_says_and_can_be_fetched() {
    let mut stage = Stage::new().await;
    let records = Arc::new(Records::default());
    let watching = Arc::new(Watching::default());
    stage.board = board_on(&stage.app, &stage.clock, Arc::clone(&records) as _, watching);
    let mut page = stage.phone();
    page.does(Does::Call { from: None, to: "12333".to_owned() }).await;
    stage.until(&mut page, |told| (*told == Told::Records { longest_s: 30 }).then_some(())).await;
    // The beep has been heard.
    assert!(page.heard.len() > 3_000, "{}", page.heard.len());
    // Half a second of silence, a second of voice, and silence again.
    for piece in 0..75 {
        stage.clock.advance(Duration::from_millis(20));
        let sample = if piece < 25 { 0xFF } else { 0x10 };
        page.cord.to.send(FromPage::Sound(Bytes::from(vec![sample; 160]))).await.unwrap();
        settle().await;
    }
    let recorded = |told: &Told| if let Told::Recorded { seconds } = told { Some(*seconds) } else { None };
    assert_eq!(stage.until(&mut page, recorded).await, 1);
    assert_eq!(stage.ended(&mut page).await, EndCause::Finished);
    let told = records.0.lock().unwrap().clone();
    let kinds: Vec<Kind> = told.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [Kind::Arrive, Kind::Recorded, Kind::File, Kind::Status]);
    let [_, (_, What::Recorded(recording)), (_, What::FileReady(ready)), _] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(recording, ready);
    let Recording::Made { url, seconds: 1, .. } = recording else { panic!("{recording:?}") };
    let name = url.rsplit('/').next().unwrap().strip_suffix(".wav").unwrap();
    let file = stage.board.recording(name).unwrap();
    let voice = file[58..].split(|sample| *sample != 0x10).map(<[u8]>::len).max().unwrap();
    assert!((7_500..=8_000).contains(&voice), "{voice} samples of voice in {} bytes", file.len());
    assert!(file.len() < 58 + 8_400, "{} bytes", file.len());
    assert!(stage.board.recording("00000000000000000000000000000000").is_none());
    stage.app.stop().await;
}

#[tokio::test]
async fn a_talk_that_is_recorded_has_both_voices_whoever_hangs_up() {
    for caller_hangs_up in [false, true] {
        let stage = Stage::over(App::start_recording(Way::Memory).await);
        let (mut phone, mut desk) = stage.talk().await;
        for _ in 0..50 {
            stage.clock.advance(Duration::from_millis(20));
            (phone.heard, desk.heard) = (Vec::new(), Vec::new());
            stage.voices_arrive(&mut phone, &mut desk).await;
        }
        // On hold nobody is recorded.
        for on in [true, false] {
            desk.does(Does::Hold { on }).await;
            stage.until(&mut phone, |told| (*told == Told::Held { on }).then_some(())).await;
            if on {
                stage.clock.advance(Duration::from_secs(2));
                phone.cord.to.send(FromPage::Sound(Bytes::from(vec![0x11; 160]))).await.unwrap();
                settle().await;
            }
        }
        if caller_hangs_up {
            phone.does(Does::HangUp).await;
            assert_eq!(stage.ended(&mut phone).await, EndCause::CallerHungUp);
        } else {
            desk.does(Does::HangUp).await;
            stage.hears(&mut phone, "survey.ask").await;
        }
        let (name, key, source): (String, Vec<u8>, Vec<u8>) =
            sqlx::query_as("SELECT name, call, source FROM recordings WHERE kind = 'talk' AND length_ms = 1000")
                .fetch_one(stage.app.world.database.readers())
                .await
                .unwrap();
        assert!(stage.board.recording(&name).is_none(), "the desk's name for it is another");
        let call = CallId::from_bytes(key.try_into().unwrap());
        let key = stage.app.world.service.key_of(call).await.unwrap().unwrap();
        let url = String::from_utf8(key.open(SOURCE, &source).unwrap()).unwrap();
        let file = stage.board.recording(url.rsplit('/').next().unwrap().strip_suffix(".wav").unwrap()).unwrap();
        let both = mulaw::encode(mulaw::decode(0x11).saturating_add(mulaw::decode(0x22)));
        let mixed = file[58..].split(|sample| *sample != both).map(<[u8]>::len).sum::<usize>();
        assert!(mixed > 7_000, "{mixed} samples of both voices in {} bytes", file.len());
        stage.app.stop().await;
    }
}

#[tokio::test]
async fn who_has_said_all_ends_a_recording_by_key() {
    let mut stage = Stage::new().await;
    let records = Arc::new(Records::default());
    stage.board = board_on(&stage.app, &stage.clock, Arc::clone(&records) as _, Arc::new(Watching::default()));
    let mut page = stage.phone();
    page.does(Does::Call { from: None, to: "12333".to_owned() }).await;
    stage.until(&mut page, |told| (*told == Told::Records { longest_s: 30 }).then_some(())).await;
    for _ in 0..50 {
        stage.clock.advance(Duration::from_millis(20));
        page.cord.to.send(FromPage::Sound(Bytes::from(vec![0x10; 160]))).await.unwrap();
        settle().await;
    }
    let key = |told: &Told| if let Told::Key { lost } = told { Some(*lost) } else { None };
    page.does(Does::Key { key: '1' }).await;
    assert!(stage.until(&mut page, key).await, "only a # ends it");
    page.does(Does::Key { key: '#' }).await;
    assert!(!stage.until(&mut page, key).await);
    let recorded = |told: &Told| if let Told::Recorded { seconds } = told { Some(*seconds) } else { None };
    assert_eq!(stage.until(&mut page, recorded).await, 1);
    let told = records.0.lock().unwrap().clone();
    assert!(matches!(told.get(1), Some((Kind::Recorded, What::Recorded(Recording::Made { .. })))), "{told:?}");
    stage.app.stop().await;
}

#[tokio::test]
async fn an_author_sees_requests_documents_and_what_the_line_did_but_no_secret() {
    // As a provider sends them.
    let stage = Stage::by(Way::Http).await;
    let mut page = stage.phone();
    page.does(Does::Watch { on: true }).await;
    page.does(Does::Call { from: Some("+8612012345678".to_owned()), to: "12333".to_owned() }).await;
    let turn = |told: &Told| if let Told::Turn(turn) = told { Some((**turn).clone()) } else { None };
    let first = stage.until(&mut page, turn).await;
    assert_eq!((first.number, first.leg, first.kind, first.status, first.tries), (1, "caller", "arrive", 200, 1));
    assert!(first.nodes.iter().any(|node| node.starts_with("entry")), "{:?}", first.nodes);
    assert!(first.document.contains("<Gather"), "{}", first.document);
    let mut all = vec![format!("{first:?}")];
    for (prompt, keys) in [
        ("entry.notice", "#"),
        ("entry.lang", "1"),
        ("main.menu", "1"),
        ("auth.method", "1"),
        ("auth.id", ID),
        ("auth.pin", PIN),
    ] {
        stage.hears(&mut page, prompt).await;
        stage.presses(&mut page, keys).await;
        let seen = stage.until(&mut page, turn).await;
        all.push(format!("{seen:?}"));
        assert_eq!(seen.kind, "keys");
        if prompt == "auth.pin" {
            assert_eq!(seen.parameters.iter().find(|(name, _)| name == "Digits").unwrap().1, "••••••");
            assert!(seen.events.iter().any(|event| event == "keyed a secret: complete"), "{:?}", seen.events);
            assert!(seen.events.iter().any(|event| event.starts_with("says med.balance")), "{:?}", seen.events);
        }
    }
    let all = all.concat();
    for secret in [ID.trim_end_matches('#'), PIN.trim_end_matches('#')] {
        assert!(!all.contains(secret), "{all}");
    }
    stage.app.stop().await;
}
