//! Everybody who follows a call: whoever reads, whoever hears, and the file that it is written into.

use crate::call::Timestamp;
use crate::simulator::Playing;

use super::event::{Event, Who};
use super::known::Known;
use super::recorder::Recorder;
use super::screen::Screen;
use super::speaker::Speaker;

/// They are told what happens.
pub(super) struct Ears {
    pub(super) began: Timestamp,
    pub(super) screen: Screen,
    pub(super) speaker: Option<Speaker>,
    pub(super) recorder: Option<Recorder>,
    pub(super) known: Option<Known>,
}

impl Ears {
    pub(super) fn event(&mut self, at: Timestamp, event: &Event) {
        self.screen.event(at.since(self.began), event);
        if let Some(recorder) = &mut self.recorder {
            recorder.event(event);
        }
    }

    /// A document has come.
    pub(super) fn document(&mut self, at: Timestamp, who: Who, document: &Playing) {
        self.screen.shows_keys(at.since(self.began));
        if let Some((recorder, known)) = self.recorder.as_mut().zip(self.known.as_ref()) {
            recorder.document(who, document, known);
        }
        let heard = self.speaker.as_mut().map_or(Ok(()), |speaker| speaker.plays(document));
        if let Err(failed) = heard {
            self.speaker = None;
            self.event(at, &Event::Trouble { text: format!("nothing is heard from here on: {failed:#}") });
        }
    }

    /// What is being said is not heard any more.
    pub(super) fn stops(&mut self) {
        if let Some(speaker) = &mut self.speaker {
            speaker.stops();
        }
    }
}
