//! The real program, as a demonstration.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A server with a port and a data folder, which outlive its process.
pub(crate) struct Server {
    child: Child,
    address: String,
    data: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    /// With these settings.
    pub(crate) fn with(settings: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("hotline.toml"), settings).unwrap();
        let (child, address) = run(&data, "127.0.0.1:0");
        Self { child, address, data }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// After it was killed: another process on the same port, with the same data.
    pub(crate) fn start_again(&mut self) {
        (self.child, _) = run(&self.data, &self.address);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            println!("server: {}", std::fs::read_to_string(self.data.path().join("log")).unwrap_or_default());
        }
    }
}

fn run(data: &TempDir, listen: &str) -> (Child, String) {
    let log = File::options().create(true).append(true).open(data.path().join("log")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_hotline"))
        .args(["serve", "--demo", "--demo-members", "200", "--listen", listen, "--data"])
        .arg(data.path())
        .env_clear()
        .current_dir(data.path())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let found = lines.find_map(|line| {
        let (_, url) = line.split_once("http://")?;
        url.split(['/', ' ', ';']).next().map(str::to_owned)
    });
    std::thread::spawn(move || lines.for_each(drop));
    (child, found.expect("the server told no address"))
}
