//! How much room a text takes, and where it is broken. Pictures use fonts of one width, so this is known without one.

/// The width of a letter, as a part of its size: the widest of the fonts that the style names.
const LETTER: f64 = 0.61;
/// The same, of everything else: Chinese, arrows that another font has to draw.
const WIDE_LETTER: f64 = 1.05;

/// The width of a text in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|letter| size * if (letter as u32) < 0x2e80 { LETTER } else { WIDE_LETTER }).sum()
}

/// Pieces of text in lines of at most `most` letters, if no piece is longer than that; a space goes between two.
pub(super) fn lines<T>(pieces: Vec<T>, most: usize, letters: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut lines: Vec<Vec<T>> = Vec::new();
    let mut used = 0;
    for piece in pieces {
        let long = letters(&piece);
        match lines.last_mut() {
            Some(line) if used + 1 + long <= most => {
                used += 1 + long;
                line.push(piece);
            }
            _ => {
                used = long;
                lines.push(vec![piece]);
            }
        }
    }
    lines
}
