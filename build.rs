//! Tells cargo to build again when a migration is added: the macro that embeds them cannot.

fn main() {
    println!("cargo:rerun-if-changed=src/store/migrations");
}
