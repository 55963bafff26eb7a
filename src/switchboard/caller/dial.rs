//! A dial: desks ring, somebody talks, and the document for its end goes on.

use tokio::sync::mpsc;

use super::{Caller, Goes, Place, lost};
use crate::audio;
use crate::call::{DialOutcome, Ending, Kind, Recording, Timestamp, What};
use crate::simulator::Then;
use crate::switchboard::cords::{Ringing, ToDesk};
use crate::switchboard::message::Told;
use crate::switchboard::recording::TalkRecorder;
use crate::switchboard::ticket::Talk;

impl Caller {
    pub(super) fn talks(&mut self, desk: mpsc::Sender<ToDesk>, talk: Talk, until: Timestamp) {
        self.ear.stop();
        let recorded = matches!(&self.leg.playing().performance().reply.ending, Ending::Dial(dial) if dial.recorded);
        self.talk = recorded.then(|| TalkRecorder::from(self.wire.now()));
        self.place = Place::Talking { desk, talk, until };
        self.keep_ticket();
        self.ear.tell(Told::Talks);
    }

    pub(super) fn rings(&mut self) {
        let performance = self.leg.playing().performance();
        let Ending::Dial(dial) = &performance.reply.ending else { return };
        let now = self.wire.now();
        let (until, limit, ring_s) = (now.plus(dial.ring), dial.limit, dial.ring.as_secs());
        let ringing = Ringing {
            wire: self.wire.clone(),
            leg: self.leg.id().to_owned(),
            operators: Ringing::operators(&dial.numbers),
            whisper: performance.urls.get(&Kind::Whisper).cloned(),
            until,
            caller: self.own.clone(),
        };
        let (call, desks) = self.board.cords.ring(ringing);
        self.place = Place::Ringing { call, until, limit, desk: None };
        self.ear.tell(Told::Dials { ring_s, desks });
        self.ear.hear_tone(self.board.ringing.clone(), now);
    }

    /// The dial is over; the document for that goes on.
    pub(super) async fn dial_ends(&mut self, outcome: DialOutcome, talk_s: Option<u32>) -> Goes {
        self.hangs_up_on_desk();
        self.talk_recorded().await;
        self.ear.stop();
        self.ear.tell(Told::Apart { outcome });
        let what = What::DialEnded { outcome, talk_s, verbatim: outcome.name().to_owned() };
        let then = self.leg.ask(&self.wire, Kind::Dialled, what).await;
        self.then(then.map(|()| Then::Plays)).await
    }

    /// The talk is over: if it was recorded, it is kept, and whoever wants to fetch it is told.
    pub(super) async fn talk_recorded(&mut self) {
        let Some(talk) = self.talk.take() else { return };
        let samples = talk.mixed();
        let recording = if samples.is_empty() {
            Recording::Nothing
        } else {
            let seconds = u32::try_from(audio::length(samples.len()).as_secs()).unwrap_or(u32::MAX);
            let name = self.board.recordings.keep(&samples, self.wire.now());
            Recording::Made { url: self.board.recording_url(&name), seconds, hung_up: false }
        };
        if let Err(trouble) = self.leg.talk_recorded(&self.wire, recording).await {
            lost(&trouble);
        }
    }

    /// The desk that rings, or talks, is let go.
    pub(super) fn hangs_up_on_desk(&mut self) {
        match std::mem::replace(&mut self.place, Place::Hearing) {
            Place::Ringing { call, desk, .. } => {
                self.board.cords.take(&call);
                desk.and_then(|desk| desk.try_send(ToDesk::Left).ok());
            }
            Place::Talking { desk, .. } => {
                let _ = desk.try_send(ToDesk::Left);
            }
            Place::Finding { talk, .. } => self.board.cords.talked(&talk.room),
            Place::Hearing => {}
        }
    }
}
