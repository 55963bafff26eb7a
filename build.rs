//! Tells cargo to build again when a file is added that the program brings along: the macros that embed them cannot.

fn main() {
    for folder in ["src/store/migrations", "src/http/pages", "call-flows", "prompts"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
