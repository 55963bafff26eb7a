//! The shipped line is good, and a broken one is told all its mistakes.

use hotline::service::signatures;
use hotline::{flow, line_files};

#[test]
fn the_shipped_line_has_no_mistake() {
    if let Err(problems) = flow::load(&line_files::shipped(), &signatures()) {
        for problem in &problems {
            println!("{problem}");
        }
        panic!("{} problems", problems.len());
    }
}
