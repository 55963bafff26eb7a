//! `hotline prompts` and `hotline say --wav`, on a small line whose clips are tones.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hotline::audio::{RATE, SILENCE, level, mulaw, wav};
use hotline::call::{Language, PromptId, Spoken, Value};
use hotline::flow;
use hotline::line_files;
use hotline::prompt::{AudioHash, Catalogue, Maker, Manifest, Row};
use hotline::service::signatures;

const FLAC: &[u8] = include_bytes!("../audio/tone.flac");

/// A line in a folder of its own.
struct Studio {
    folder: tempfile::TempDir,
}

/// A tone that begins and ends in silence, as loud as clips are.
fn tone(ms: u32, hertz: f64, dbfs: f64) -> Vec<u8> {
    let length = ms * RATE / 1000;
    // The level of a sine is 3 dB below its peak; what is near zero does not count for it.
    let peak = 32_768.0 * 10_f64.powf((dbfs + 3.0) / 20.0);
    let sample = |n: u32| {
        let edge = f64::from(n.min(length - 1 - n)) / 40.0;
        peak * edge.min(1.0) * (TAU * hertz * f64::from(n) / f64::from(RATE)).sin()
    };
    #[allow(clippy::cast_possible_truncation, reason = "a sample fits")]
    let encode = |sample: f64| mulaw::encode(sample.clamp(-32_767.0, 32_767.0) as i16);
    (0..length).map(|n| encode(sample(n))).collect()
}

/// A 16-bit WAV file as a recorder writes it, with a tone in it.
fn recording(rate: u32, channels: u16, ms: u32) -> Vec<u8> {
    let samples = rate * ms / 1000;
    #[allow(clippy::cast_possible_truncation, reason = "a sample fits")]
    let sample = |n: u32| (6_000.0 * (TAU * 500.0 * f64::from(n) / f64::from(rate)).sin()) as i16;
    let data: Vec<u8> =
        (0..samples).flat_map(|n| vec![sample(n); usize::from(channels)]).flat_map(i16::to_le_bytes).collect();
    let size = u32::try_from(data.len()).unwrap();
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + size).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([1_u16, channels].iter().flat_map(|word| word.to_le_bytes()));
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2 * u32::from(channels)).to_le_bytes());
    file.extend([2 * channels, 16].iter().flat_map(|word| word.to_le_bytes()));
    file.extend(b"data");
    file.extend(size.to_le_bytes());
    file.extend(data);
    file
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// What the manifest says of a clip.
fn row(clip: &str, text: String, file: &[u8], samples: &[u8]) -> Row {
    let measured = level::measure(samples);
    Row {
        clip: clip.to_owned(),
        text,
        audio: AudioHash::of(file),
        samples: u32::try_from(samples.len()).unwrap(),
        level_dbfs: measured.active_dbfs,
        peak_dbfs: measured.peak_dbfs,
        voice: "tones".to_owned(),
        made_by: Maker::Voice,
    }
}

fn en() -> Language {
    Language::from("en")
}

impl Studio {
    /// The line without a clip.
    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes/line"), &folder.path().join("line"));
        Self { folder }
    }

    /// The line with every English clip, each of another sound.
    fn full() -> Self {
        let studio = Self::empty();
        let rows = (0_u32..).zip(studio.catalogue().wanted(&en())).map(|(number, wanted)| {
            let samples = tone(150 + number % 50, 400.0 + f64::from(number), -20.0);
            let row = row(&wanted.clip, wanted.hash(), &wav::file(&samples), &samples);
            fs::create_dir_all(studio.file(&wanted.clip).parent().unwrap()).unwrap();
            fs::write(studio.file(&wanted.clip), wav::file(&samples)).unwrap();
            (wanted.clip, row)
        });
        let rows = rows.collect();
        studio.change_manifest(|manifest| *manifest = rows);
        studio
    }

    fn line(&self) -> PathBuf {
        self.folder.path().join("line")
    }

    fn catalogue(&self) -> Catalogue {
        let loaded = flow::load(&line_files::read_folder(&self.line()).unwrap(), &signatures()).unwrap();
        (*loaded.catalogue).clone()
    }

    fn file(&self, clip: &str) -> PathBuf {
        self.line().join(format!("prompts/en/clips/{clip}.wav"))
    }

    fn manifest(&self) -> Manifest {
        let text = fs::read_to_string(self.line().join("prompts/en/clips.csv")).unwrap_or_default();
        Manifest::read(&text).0
    }

    fn change_manifest(&self, change: impl FnOnce(&mut BTreeMap<String, Row>)) {
        let mut manifest = self.manifest();
        change(&mut manifest.rows);
        fs::write(self.line().join("prompts/en/clips.csv"), manifest.write()).unwrap();
    }

    /// Puts a clip there as a renderer would.
    fn put(&self, clip: &str, samples: &[u8]) {
        self.put_file(clip, &wav::file(samples), samples);
    }

    fn put_file(&self, clip: &str, file: &[u8], samples: &[u8]) {
        fs::create_dir_all(self.file(clip).parent().unwrap()).unwrap();
        fs::write(self.file(clip), file).unwrap();
        let wanted = self.catalogue().wanted(&en());
        let hash =
            wanted.iter().find(|wanted| wanted.clip == clip).map(hotline::prompt::Wanted::hash).unwrap_or_default();
        let row = row(clip, hash, file, samples);
        self.change_manifest(|rows| {
            rows.insert(clip.to_owned(), row);
        });
    }

    fn change_text(&self, old: &str, new: &str) {
        let path = self.line().join("prompts/en/all.yaml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{old}");
        fs::write(path, text.replace(old, new)).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
        command.args(arguments).arg("--line").arg(self.line()).current_dir(self.folder.path());
        command.env_remove("HOTLINE_RENDERER").output().unwrap()
    }

    /// What `prompts check` finds, `clip: code`.
    fn findings(&self) -> BTreeSet<String> {
        let output = self.run(&["prompts", "check", "--language", "en", "--json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(output.status.code(), Some(i32::from(!findings.is_empty())));
        let found = findings.iter().map(|found| {
            assert!(found["text"].as_str().is_some_and(|text| text.len() > 20), "{found}");
            format!("{}: {}", found["clip"].as_str().unwrap(), found["code"].as_str().unwrap())
        });
        found.collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn set(findings: &[&str]) -> BTreeSet<String> {
    findings.iter().map(|found| (*found).to_owned()).collect()
}

#[test]
fn nothing_is_wrong_with_good_clips_and_each_fault_is_named() {
    let studio = Studio::full();
    assert_eq!(studio.findings(), set(&[]));

    // Removed, and forgotten by the manifest.
    fs::remove_file(studio.file("main.month")).unwrap();
    studio.change_manifest(|rows| drop(rows.remove("sys.expired")));
    // Edited, silenced, and swapped behind the manifest's back.
    let mut edited = fs::read(studio.file("value/two")).unwrap();
    edited[500] ^= 0x10;
    fs::write(studio.file("value/two"), edited).unwrap();
    fs::write(studio.file("sys.wait"), wav::file(&[SILENCE; 2_000])).unwrap();
    let swapped = [studio.file("sys.bye"), studio.file("value/three")];
    let sounds = [fs::read(&swapped[0]).unwrap(), fs::read(&swapped[1]).unwrap()];
    fs::write(&swapped[0], &sounds[1]).unwrap();
    fs::write(&swapped[1], &sounds[0]).unwrap();
    // Badly made.
    studio.put("sys.apology", &tone(300, 517.0, 0.0));
    studio.put("pay.walk", &tone(300, 517.0, -23.5));
    studio.put("value/four", &tone(300, 517.0, -23.5));
    studio.put("sys.wrong", &tone(300, 517.0, -16.5));
    studio.put("value/five", &tone(4_100, 517.0, -20.0));
    studio.put("main.menu", &tone(15_100, 517.0, -20.0));
    studio.put("verify.id", &tone(19_000, 517.0, -20.0));
    let pause = [tone(300, 517.0, -20.0), vec![SILENCE; 8_800], tone(300, 517.0, -20.0)].concat();
    studio.put("verify.pin", &pause);
    studio.put("value/six", &tone(300, 517.0, -20.0)[44..]);
    studio.put_file("value/seven", &recording(16_000, 1, 300), &tone(300, 517.0, -20.0));
    // Of a text that was, of no text, and with figures that are not its own.
    studio.change_manifest(|rows| {
        rows.get_mut("value/eight").unwrap().text = "0".repeat(16);
        rows.get_mut("value/nine").unwrap().level_dbfs = -25.0;
    });
    studio.put("nobody", &tone(300, 517.0, -20.0));
    fs::copy(studio.file("value/ten"), studio.file("value/tenth-of-all")).unwrap();
    fs::create_dir_all(studio.line().join("prompts/sounds")).unwrap();
    fs::write(studio.line().join("prompts/sounds/gong.wav"), wav::file(&tone(300, 517.0, -20.0))).unwrap();

    assert_eq!(
        studio.findings(),
        set(&[
            "main.month: missing",
            "sys.expired: missing",
            "value/two: edited",
            "sys.wait: edited",
            "sys.wait: silent",
            "sys.bye: edited",
            "value/three: edited",
            "sys.apology: clipped",
            "sys.apology: peak",
            "sys.apology: too-loud",
            "pay.walk: too-soft",
            "value/four: too-soft",
            "sys.wrong: too-loud",
            "value/five: too-long",
            "main.menu: too-long",
            "verify.pin: silence",
            "value/six: click",
            "value/seven: wrong-format",
            "value/eight: stale",
            "value/nine: wrong-figures",
            "nobody: unused",
            "value/tenth-of-all: unused",
            "gong: unused",
        ])
    );
    let told = text(&studio.run(&["prompts", "check", "--language", "en"]).stdout);
    assert!(told.contains("en/main.month: missing: its file cannot be read"), "{told}");
    assert!(told.contains("4 edited"), "{told}");
}

#[test]
fn a_prompt_that_nobody_says_and_a_mistake_in_a_text_are_told() {
    let studio = Studio::full();
    for language in ["zh-CN", "en"] {
        let path = studio.line().join(format!("prompts/{language}/more.yaml"));
        fs::write(path, "sys.spare: spare\n").unwrap();
    }
    assert_eq!(studio.findings(), set(&["sys.spare: missing", "sys.spare: unused-prompt"]));
    studio.change_text("{total: amount}", "{total: integer}");
    let found = studio.findings();
    assert!(found.contains("prompts/en/all.yaml: placeholders-differ"), "{found:?}");
}

/// A renderer in shell: it notes what it is asked and refuses `sys.wrong`.
#[cfg(unix)]
fn renderer(studio: &Studio) -> String {
    let folder = studio.folder.path();
    fs::write(folder.join("tone.wav"), recording(24_000, 1, 400)).unwrap();
    let script = format!(
        "tab=$(printf '\\t')\nwhile IFS= read -r line; do\nid=${{line%%\"$tab\"*}}; path=${{line##*\"$tab\"}}\n\
         echo \"$id\" >>'{0}/asked'\n\
         if [ \"$id\" = sys.wrong ]; then printf '%s\\tno voice for it\\n' \"$id\"\n\
         else cp '{0}/tone.wav' \"$path\"; echo \"$id\"; fi\ndone\n",
        folder.display()
    );
    fs::write(folder.join("renderer.sh"), script).unwrap();
    format!("sh '{}'", folder.join("renderer.sh").display())
}

#[cfg(unix)]
#[test]
fn only_what_changed_is_rendered_and_never_a_person() {
    let studio = Studio::full();
    let command = renderer(&studio);
    let before = studio.manifest();
    fs::remove_file(studio.file("main.menu")).unwrap();
    fs::remove_file(studio.file("sys.wrong")).unwrap();
    studio.change_text("Please wait.", "One moment.");
    studio.change_text("Goodbye.", "So long.");
    studio.change_manifest(|rows| rows.get_mut("sys.bye").unwrap().made_by = Maker::Person);
    studio.put("nobody", &tone(300, 500.0, -20.0));

    let render = ["prompts", "render", "--language", "en", "--voice", "en=Shell", "--command", command.as_str()];
    let output = studio.run(&render);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("en/sys.wrong: no voice for it") && told.contains("say an old text: 1;"), "{told}");
    assert!(text(&output.stdout).contains("2 clips rendered, 1 failed"));
    let asked = || {
        let text = fs::read_to_string(studio.folder.path().join("asked")).unwrap();
        text.lines().map(str::to_owned).collect::<BTreeSet<String>>()
    };
    assert_eq!(asked(), set(&["main.menu", "sys.wait", "sys.wrong"]));

    let after = studio.manifest();
    let changed: Vec<&String> =
        after.rows.iter().filter(|(clip, row)| before.rows.get(*clip) != Some(row)).map(|(clip, _)| clip).collect();
    assert_eq!(changed, ["main.menu", "nobody", "sys.bye", "sys.wait"]);
    let row = &after.rows["sys.wait"];
    assert_eq!((row.voice.as_str(), row.made_by), ("Shell", Maker::Voice));
    assert!((-20.5..=-19.5).contains(&row.level_dbfs), "{}", row.level_dbfs);
    assert_eq!(studio.findings(), set(&["sys.wrong: missing", "sys.bye: stale", "nobody: unused"]));

    // What failed is tried again; what no text wants goes when it is asked for.
    fs::remove_file(studio.folder.path().join("asked")).unwrap();
    let output = studio.run(&[render.as_slice(), &["--prune"]].concat());
    assert!(text(&output.stdout).contains("en/nobody: deleted"));
    assert!(!studio.file("nobody").exists() && !studio.manifest().rows.contains_key("nobody"));
    assert_eq!(asked(), set(&["sys.wrong"]));
}

#[test]
fn a_render_that_cannot_start_says_what_to_do() {
    let studio = Studio::empty();
    for (more, expected) in [
        (vec![], "prompts/render/README.md"),
        (vec!["--command", "sh 'x"], "name the voice of en"),
        (vec!["--command", "sh 'x", "--voice", "Shell"], "close its quotation marks"),
        (vec!["--command", "sh", "--voice", "fr=Shell"], "does not speak `fr`"),
    ] {
        let output = studio.run(&[["prompts", "render", "--language", "en"].as_slice(), &more].concat());
        let told = text(&output.stderr);
        assert!(output.status.code() == Some(2) && told.contains(expected), "{told}");
    }
    let output = studio.run(&["prompts", "check", "--language", "nl"]);
    assert!(output.status.code() == Some(2) && text(&output.stderr).contains("it speaks zh-CN, en"));
}

#[test]
fn recordings_of_people_become_clips() {
    let studio = Studio::full();
    let recorded = studio.folder.path().join("recorded");
    fs::create_dir_all(recorded.join("value")).unwrap();
    fs::write(recorded.join("sys.wait.wav"), recording(44_100, 2, 900)).unwrap();
    fs::write(recorded.join("value/two.flac"), FLAC).unwrap();
    let folder = ["prompts", "import", "--language", "en", "--by", "Li Hua", "--folder", "recorded"];
    let output = studio.run(&folder);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let rows = studio.manifest().rows;
    for (clip, ms) in [("sys.wait", 900), ("value/two", 100)] {
        let row = &rows[clip];
        assert_eq!((row.voice.as_str(), row.made_by), ("Li Hua", Maker::Person));
        let found = u32::try_from(wav::read(&fs::read(studio.file(clip)).unwrap()).unwrap().len()).unwrap();
        assert_eq!(found, row.samples);
        assert!((ms * 8 - 400..=ms * 8 + 400).contains(&found), "{clip} {found}");
    }
    assert_eq!(studio.findings(), set(&[]));

    // A short one is told; one that no text wants, or that is no recording, is not taken.
    fs::write(studio.folder.path().join("notes.txt"), "Please wait.").unwrap();
    let import = |clip, file| {
        let output = studio.run(&["prompts", "import", clip, file, "--language", "en", "--by", "Li Hua"]);
        (output.status.code(), text(&output.stderr))
    };
    let (code, told) = import("main.menu", "recorded/value/two.flac");
    assert!(code == Some(0) && told.contains("were expected"), "{told}");
    let (code, told) = import("main.meny", "recorded/sys.wait.wav");
    assert!(code == Some(1) && told.contains("did you mean `main.menu`?"), "{told}");
    let (code, told) = import("main.menu", "notes.txt");
    assert!(code == Some(1) && told.contains("notes.txt"), "{told}");
}

/// The samples of the balance as the catalogue composes it.
fn balance(studio: &Studio, slow: bool) -> usize {
    let values = [
        ("as-of".to_owned(), Value::Date(jiff::civil::date(2026, 3, 31))),
        ("total".to_owned(), Value::Amount(102_305)),
    ];
    let spoken = Spoken {
        prompt: PromptId::from("account.balance"),
        language: en(),
        values: values.into(),
        personal: false,
        slow,
    };
    studio.catalogue().utterance(&spoken).unwrap().recipe.unwrap().samples() as usize
}

#[test]
fn prompts_and_figures_are_heard_as_callers_hear_them() {
    let studio = Studio::full();
    let heard = |name: &str| wav::read(&fs::read(studio.folder.path().join(name)).unwrap()).unwrap().to_vec();
    let play = ["prompts", "play", "account.balance", "as-of=2026-03-31", "total=1023.05", "--language", "en"];
    for slow in [false, true] {
        let more: &[&str] = if slow { &["--wav", "balance.wav", "--slow"] } else { &["--wav", "balance.wav"] };
        let output = studio.run(&[play.as_slice(), more].concat());
        let said = text(&output.stdout);
        assert!(said.contains("you have one thousand twenty-three yuan and five fen."), "{said}");
        assert_eq!(heard("balance.wav").len(), balance(&studio, slow));
    }
    assert!(balance(&studio, true) > balance(&studio, false));
    let output = studio.run(&["prompts", "play", "value/two", "--language", "en", "--wav", "two.wav"]);
    assert_eq!(text(&output.stdout), "two\n");
    assert_eq!(fs::read(studio.folder.path().join("two.wav")).unwrap(), fs::read(studio.file("value/two")).unwrap());
    let output = studio.run(&["say", "--language", "en", "amount", "2", "--wav", "yuan.wav"]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "two yuan\n"));
    let recipe = studio.catalogue().figure(&en(), "amount", "two yuan", false).unwrap();
    assert_eq!(heard("yuan.wav").len(), recipe.samples() as usize);

    for (arguments, expected) in [
        (vec!["account.balance"], "needs a value of `as-of`"),
        (vec!["account.balance", "as-of=2026", "total=1"], "the value of `as-of`"),
        (vec!["account.balance", "x=1"], "as-of=date total=amount"),
        (vec!["account.balanse"], "did you mean `account.balance`?"),
    ] {
        let output = studio.run(&[&["prompts", "play", "--language", "en", "--wav", "x.wav"], &*arguments].concat());
        let told = text(&output.stderr);
        assert!(output.status.code() == Some(2) && told.contains(expected), "{told}");
    }
    studio.change_manifest(|rows| rows.retain(|clip, _| !clip.contains("yuan")));
    let output = studio.run(&["say", "--language", "en", "amount", "2", "--wav", "yuan.wav"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("`two yuan` cannot be put together"));
}

#[test]
fn a_table_is_said_into_a_folder() {
    use std::io::Write as _;
    let studio = Studio::full();
    let mut say = Command::new(env!("CARGO_BIN_EXE_hotline"))
        .args(["say", "--language", "en", "--tsv", "--wav", "out", "--line"])
        .arg(studio.line())
        .current_dir(studio.folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    say.stdin.take().unwrap().write_all(b"# kind\tvalue\namount\t2\ndate\t2026-03-31\n").unwrap();
    let output = say.wait_with_output().unwrap();
    let lines: Vec<String> = text(&output.stdout).lines().map(str::to_owned).collect();
    assert!(output.status.success() && lines.len() == 3, "{lines:?}");
    for (line, file) in [(1, "2.wav"), (2, "3.wav")] {
        let path = Path::new("out").join(file);
        assert!(lines[line].ends_with(&format!("\t{}", path.display())), "{lines:?}");
        assert!(wav::read(&fs::read(studio.folder.path().join(path)).unwrap()).unwrap().len() > 1_000);
    }
}

#[test]
fn the_script_and_the_page_show_every_clip() {
    let studio = Studio::full();
    studio.change_text("Please wait. We are looking that up for you.", "Please <wait> & hold.");
    let wanted = studio.catalogue().wanted(&en());
    let tsv = text(&studio.run(&["prompts", "sheet", "--tsv", "--language", "en"]).stdout);
    let expected: Vec<String> =
        wanted.iter().map(|w| format!("{}\ten\t{}\t{}", w.clip, w.text, w.pronounced)).collect();
    assert_eq!(tsv.lines().collect::<Vec<_>>(), expected);
    let missing = text(&studio.run(&["prompts", "sheet", "--tsv", "--language", "en", "--missing"]).stdout);
    assert_eq!(missing, "sys.wait\ten\tPlease <wait> & hold.\t\n");

    let csv = text(&studio.run(&["prompts", "sheet", "--csv", "--language", "en"]).stdout);
    assert!(csv.contains("account.balance+2,en,you have,,As of {as-of: date} [you have] {total: amount}.,"), "{csv}");
    assert!(csv.contains("value/two_yuan,en,two yuan,,[two yuan],"), "{csv}");
    assert_eq!(csv.lines().count(), wanted.len() + 1);

    assert!(studio.run(&["prompts", "sheet", "--language", "en"]).status.success());
    let page = fs::read_to_string(studio.folder.path().join("recording-script.html")).unwrap();
    assert!(page.contains("<mark>Please &lt;wait&gt; &amp; hold.</mark>") && !page.contains("<wait>"));

    assert!(studio.run(&["prompts", "report", "--out", "voice.html", "--language", "en"]).status.success());
    let page = fs::read_to_string(studio.folder.path().join("voice.html")).unwrap();
    assert!(!page.contains("<wait>") && !page.contains("http"));
    let links: Vec<&str> = page.split(" src=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(links.len(), wanted.len());
    for link in links {
        assert!(studio.folder.path().join(link).is_file(), "{link}");
    }
    assert!(studio.run(&["prompts", "report", "--embed", "--language", "en"]).status.success());
    let page = fs::read_to_string(studio.folder.path().join("voice.html")).unwrap();
    assert_eq!(page.matches(" src=\"data:audio/wav;base64,").count(), wanted.len());
}
