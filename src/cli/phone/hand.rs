//! The hand at the telephone: keys, and what the operator at the other end does, from a script, a pipe or a keyboard.
//!
//! What comes of it in a call is *not* decided here.

use std::io::{BufRead as _, Read as _};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::call::Keys;
use crate::flow::definition::Span;

/// What one piece of a script can be, for messages.
pub(super) const PIECES: &str = "keys (0-9, *, #, A-D), `wait`, `answer`, `busy`, `decline`, `talk 60s` or `hang up`";

/// Something that is done.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Typed {
    Keys(Keys),
    /// Nothing: what listens or rings runs out.
    Wait,
    Answer,
    Busy,
    Decline,
    /// They talk so long, then the operator hangs up.
    Talk(Duration),
    HangUp,
}

impl Typed {
    /// Reads a piece of a script.
    ///
    /// # Errors
    /// What was expected. What was found is not repeated: it can be somebody's number.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let typed = match words.as_slice() {
            ["wait"] => Some(Self::Wait),
            ["answer"] => Some(Self::Answer),
            ["busy"] => Some(Self::Busy),
            ["decline"] => Some(Self::Decline),
            ["talk", time] => time.parse().ok().map(|Span(time)| Self::Talk(time)),
            ["hang", "up"] => Some(Self::HangUp),
            _ => Keys::parse(text).ok().filter(|keys| !keys.is_empty()).map(Self::Keys),
        };
        typed.ok_or_else(|| format!("expected {PIECES}"))
    }

    /// What a key of a keyboard stands for.
    fn of_keyboard(letter: char) -> Option<Self> {
        match letter {
            'a' => Some(Self::Answer),
            'b' => Some(Self::Busy),
            'd' => Some(Self::Decline),
            'e' => Some(Self::Talk(Duration::ZERO)),
            // Control and D: no more will come.
            'h' | '\u{4}' => Some(Self::HangUp),
            key => Keys::parse(&key.to_string()).ok().filter(|keys| !keys.is_empty()).map(Self::Keys),
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Keys(_) => "keys",
            Self::Wait => "wait",
            Self::Answer => "answer",
            Self::Busy => "busy",
            Self::Decline => "decline",
            Self::Talk(_) => "talk",
            Self::HangUp => "hang up",
        }
    }
}

/// Reads a script: pieces with commas between them.
///
/// # Errors
/// Which piece is none, and what was expected.
pub(super) fn script(text: &str) -> Result<Vec<Typed>, String> {
    let pieces = (1..).zip(text.split(','));
    pieces.map(|(place, piece)| Typed::parse(piece).map_err(|why| format!("piece {place}: {why}"))).collect()
}

/// Where it comes from.
pub(super) struct Hand {
    from: UnboundedReceiver<Result<Typed, String>>,
    /// The next thing to be done.
    pub(super) next: Option<Typed>,
    /// Nothing will come any more.
    pub(super) is_used_up: bool,
    /// Each piece is done when its time has come, not when it was typed.
    pub(super) is_paced: bool,
    /// Lines that were not understood.
    pub(super) mistakes: Vec<String>,
}

impl Hand {
    /// Does what the script says.
    pub(super) fn scripted(script: Vec<Typed>) -> Self {
        let (to, hand) = Self::new(true);
        for typed in script {
            let _ = to.send(Ok(typed));
        }
        hand
    }

    /// Does what stands in the lines of standard input.
    pub(super) fn piped() -> Self {
        let (to, hand) = Self::new(true);
        // A thread, because reading cannot be given up: the program ends without it.
        std::thread::spawn(move || {
            for (number, line) in (1..).zip(std::io::stdin().lock().lines()) {
                let Ok(line) = line else { return };
                if line.trim().is_empty() {
                    continue;
                }
                let typed = Typed::parse(&line).map_err(|why| format!("line {number} of the input: {why}"));
                if to.send(typed).is_err() {
                    return;
                }
            }
        });
        hand
    }

    /// Does what is typed, at once.
    pub(super) fn typed() -> Self {
        let (to, hand) = Self::new(false);
        std::thread::spawn(move || {
            for byte in std::io::stdin().lock().bytes() {
                let Ok(byte) = byte else { return };
                if Typed::of_keyboard(byte.into()).is_some_and(|typed| to.send(Ok(typed)).is_err()) {
                    return;
                }
            }
        });
        hand
    }

    fn new(is_paced: bool) -> (UnboundedSender<Result<Typed, String>>, Self) {
        let (to, from) = unbounded_channel();
        (to, Self { from, next: None, is_used_up: false, is_paced, mistakes: Vec::new() })
    }

    /// Waits until there is something to be done, or never.
    pub(super) async fn ready(&mut self) {
        if self.is_used_up || self.next.is_some() {
            std::future::pending::<()>().await;
        }
        let typed = self.from.recv().await;
        self.take_in(typed);
    }

    /// Looks for what is there already.
    pub(super) fn look(&mut self) {
        while self.next.is_none() && !self.is_used_up {
            match self.from.try_recv() {
                Ok(typed) => self.take_in(Some(typed)),
                Err(tokio::sync::mpsc::error::TryRecvError::Disconnected) => self.take_in(None),
                Err(tokio::sync::mpsc::error::TryRecvError::Empty) => return,
            }
        }
    }

    /// How much is left that has not been done.
    pub(super) fn left(mut self) -> usize {
        let mut left = 0;
        loop {
            self.look();
            if self.next.take().is_none() {
                return left;
            }
            left += 1;
        }
    }

    fn take_in(&mut self, typed: Option<Result<Typed, String>>) {
        match typed {
            Some(Ok(typed)) => self.next = Some(typed),
            Some(Err(mistake)) => self.mistakes.push(mistake),
            None => self.is_used_up = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_pieces() {
        let keys = |text| Typed::Keys(Keys::parse(text).unwrap());
        let read = script("1, 000101198503121233#,wait,answer,busy,decline,talk 60s,hang up").unwrap();
        let talk = Typed::Talk(Duration::from_mins(1));
        let expected = [
            keys("1"),
            keys("000101198503121233#"),
            Typed::Wait,
            Typed::Answer,
            Typed::Busy,
            Typed::Decline,
            talk,
            Typed::HangUp,
        ];
        assert!(read == expected);
        for (wrong, place) in [("1,x", "piece 2"), ("", "piece 1"), ("1,,2", "piece 2"), ("talk", "piece 1")] {
            let told = script(wrong).err().unwrap();
            assert!(told.starts_with(place) && told.contains(PIECES), "{told}");
        }
    }

    #[test]
    fn what_is_left_is_counted() {
        let mut hand = Hand::scripted(script("1,2,3").unwrap());
        hand.look();
        assert!(hand.next.take() == Some(Typed::Keys(Keys::parse("1").unwrap())) && !hand.is_used_up);
        assert_eq!(hand.left(), 2);
    }
}
