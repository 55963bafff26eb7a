//! How much may lie before an end of a call. Of a voice pieces may be lost; that somebody has hung up may not.

use tokio::sync::mpsc;

/// How many letters may lie before an end.
pub(super) const MOST_LETTERS: usize = 96;
/// How many of them may be pieces of a voice: over a second. More would be too late to be of use.
const MOST_VOICE: usize = 64;

/// Sends a piece of a voice, if there are not too many already: the others have their room kept.
pub(super) fn speak<Letter>(to: &mpsc::Sender<Letter>, voice: Letter) {
    if to.capacity() > MOST_LETTERS - MOST_VOICE {
        let _ = to.try_send(voice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_that_nobody_hears_leaves_room_for_the_news_that_it_is_gone() {
        let (to, mut from) = mpsc::channel(MOST_LETTERS);
        for _ in 0..1_000 {
            speak(&to, "voice");
        }
        assert!(to.try_send("left").is_ok());
        let mut came = Vec::new();
        while let Ok(letter) = from.try_recv() {
            came.push(letter);
        }
        assert_eq!((came.len(), came.last()), (MOST_VOICE + 1, Some(&"left")));
    }
}
