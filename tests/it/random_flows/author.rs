//! An author who writes small lines at random: mostly as one should, sometimes not.
//!
//! What is chosen comes from a tape of numbers, so that proptest can make a line that goes wrong shorter: where the
//! tape ends, everything is as simple as it can be.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hotline::flow::Files;

use super::Risk;
use crate::mistakes::good_line;

/// How many nodes a main flow has at the most, about.
const MOST_NODES: usize = 30;

/// Numbers to choose by.
pub(super) struct Tape<'a>(pub(super) &'a [u16]);

impl Tape<'_> {
    /// From 0 to below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        usize::from(*first) % sides.max(1)
    }

    pub(super) fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())].clone()
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

/// A node as it is written: its fields, one a line.
#[derive(Clone, Debug)]
struct Written {
    id: String,
    fields: Vec<String>,
    /// Any edge may lead here: it listens, and needs nothing.
    listens: bool,
}

/// A line on the author's desk.
pub(super) struct Author<'a> {
    tape: Tape<'a>,
    /// What this author sometimes does wrong.
    risks: Vec<Risk>,
    main: Vec<Written>,
    flows: BTreeMap<String, Vec<Written>>,
    prompts: BTreeMap<String, (String, String)>,
    /// Names of accounts that are held somewhere.
    accounts: Vec<String>,
    used: usize,
}

const ZH_KEYS: [&str; 5] = ["一", "二", "三", "四", "五"];
const EN_KEYS: [&str; 5] = ["one", "two", "three", "four", "five"];
const TOTAL: (&str, &str) = ("余额{total: amount}。", "You have {total: amount}.");

impl<'a> Author<'a> {
    /// Writes a line. `risks`: what may go wrong in it, here and there.
    pub(super) fn write(tape: Tape<'a>, risks: &[Risk]) -> Files {
        let mut author = Self {
            tape,
            risks: Vec::new(),
            main: Vec::new(),
            flows: BTreeMap::new(),
            prompts: BTreeMap::new(),
            accounts: Vec::new(),
            used: 0,
        };
        // Half of all lines are written with care.
        if author.tape.roll(2) == 1 {
            author.risks = risks.to_vec();
        }
        author.fixed();
        let count = 2 + author.tape.roll(3);
        let targets: Vec<String> = (0..count).map(|_| author.unit()).chain(["main.bye".to_owned()]).collect();
        author.menu("main.menu", &targets, None);
        author.files()
    }

    /// What every line has.
    fn fixed(&mut self) {
        let dial =
            self.dialling(&["main.bye", "main.menu", "main.menu", "main.menu", "main.menu"].map(str::to_owned), None);
        self.node("main.person", dial, false);
        self.node("main.bye", vec!["kind: end".into(), "prompt: sys.bye".into()], false);
        self.main.push(Written { id: "main.menu".into(), fields: Vec::new(), listens: true });
    }

    fn risky(&mut self, risk: Risk) -> bool {
        self.risks.contains(&risk) && self.tape.roll(6) == 1
    }

    fn name(&mut self) -> String {
        self.used += 1;
        format!("main.n{}", self.used)
    }

    fn node(&mut self, id: &str, fields: Vec<String>, listens: bool) {
        let written = Written { id: id.to_owned(), fields, listens };
        match self.main.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = written,
            None => self.main.push(written),
        }
    }

    /// A prompt of this text.
    fn prompt(&mut self, (zh, en): (&str, &str)) -> String {
        let known = self.prompts.iter().find(|(_, text)| (text.0.as_str(), text.1.as_str()) == (zh, en));
        if let Some((id, _)) = known {
            return id.clone();
        }
        let id = format!("p.n{}", self.prompts.len());
        self.prompts.insert(id.clone(), (zh.to_owned(), en.to_owned()));
        id
    }

    /// A prompt and its values; now and then with one that may not be there.
    fn says(&mut self) -> Vec<String> {
        if !self.accounts.is_empty() && self.risky(Risk::Value) {
            let account = self.tape.of(&self.accounts.clone());
            return self.says_total(&account);
        }
        vec![format!("prompt: {}", self.prompt(("请听下面的内容。", "Listen to this.")))]
    }

    fn says_total(&mut self, account: &str) -> Vec<String> {
        let prompt = self.prompt(TOTAL);
        vec![format!("prompt: {prompt}"), format!("values: {{ total: {account}.total }}")]
    }

    /// Where an edge leads: home, to something that listens, or to something new. So nothing goes round in circles.
    fn target(&mut self) -> String {
        if self.risky(Risk::Loop) {
            // The first node of anything needs nothing; another may need what was looked up before.
            let anywhere = self.risks.contains(&Risk::Value);
            let can = |node: &&Written| anywhere || node.id.matches('.').count() == 1;
            let all: Vec<String> = self.main.iter().filter(can).map(|node| node.id.clone()).collect();
            return self.tape.of(&all);
        }
        match self.tape.roll(6) {
            0 | 1 => "main.menu".to_owned(),
            2 => {
                let listening: Vec<String> =
                    self.main.iter().filter(|node| node.listens).map(|node| node.id.clone()).collect();
                self.tape.of(&listening)
            }
            3 => "main.bye".to_owned(),
            _ => self.unit(),
        }
    }

    /// Something new; the node at which it begins.
    fn unit(&mut self) -> String {
        if self.main.len() >= MOST_NODES {
            return "main.menu".to_owned();
        }
        let id = self.name();
        match self.tape.roll(14) {
            1 => {
                let mut fields = vec!["kind: say".to_owned()];
                fields.extend(self.says());
                if self.tape.roll(3) == 1 {
                    fields.push(format!("listen: {}", self.tape.of(&["onward", "whole"])));
                }
                let listens = fields.iter().any(|field| field.starts_with("listen"));
                self.node(&id, Vec::new(), listens);
                let next = self.target();
                fields.push(format!("next: {next}"));
                self.node(&id, fields, listens);
            }
            2 | 3 => {
                self.node(&id, Vec::new(), true);
                let count = 1 + self.tape.roll(3);
                let targets: Vec<String> = (0..count).map(|_| self.target()).collect();
                let account = self.accounts.last().cloned();
                let account = account.filter(|_| self.risky(Risk::Value));
                self.menu(&id, &targets, account.as_deref());
            }
            4 | 5 => self.account(&id),
            6 => self.month(&id),
            7 => {
                let next = self.target();
                let what =
                    self.tape.of(&["language: en", "language: zh-CN", "values: { insurance: insurance/medical }"]);
                self.node(&id, vec!["kind: set".into(), what.into(), format!("next: {next}")], false);
            }
            8 => {
                let targets: Vec<String> = (0..3).map(|_| self.target()).collect();
                let cases =
                    format!("cases: {{ open: {}, verified: {}, closed: {} }}", targets[0], targets[1], targets[2]);
                self.node(&id, vec!["kind: branch".into(), "of: verification".into(), cases], false);
            }
            9 => {
                let targets: Vec<String> = (0..5).map(|_| self.target()).collect();
                let account = self.accounts.last().cloned().filter(|_| self.risky(Risk::Value));
                let dial = self.dialling(&targets, account.as_deref());
                self.node(&id, dial, false);
            }
            10 => {
                let mut fields = vec!["kind: end".to_owned()];
                if !self.risky(Risk::Silence) {
                    fields.push("prompt: sys.bye".to_owned());
                }
                self.node(&id, fields, false);
            }
            11 => {
                let (verified, refused) = (self.target(), self.target());
                self.node(&id, calls("verify", &[("verified", &verified), ("refused", &refused)]), false);
            }
            12 | 13 => self.sub_flow(&id),
            _ => {
                self.node(&id, vec!["kind: end".into(), "prompt: sys.bye".into()], false);
            }
        }
        id
    }

    fn menu(&mut self, id: &str, targets: &[String], account: Option<&str>) {
        let keys: Vec<String> = (1..).zip(targets).map(|(key, target)| format!("{key}: {target}")).collect();
        let said = |words: [&str; 5], before: &str, between: &str| {
            let each = words.iter().take(targets.len()).map(|key| format!("{before}{key}"));
            each.collect::<Vec<_>>().join(between)
        };
        let (mut zh, mut en) = (said(ZH_KEYS, "请按", "，"), said(EN_KEYS, "Press ", ". press "));
        if account.is_some() {
            (zh, en) = (format!("{}{zh}", TOTAL.0), format!("{} {en}", TOTAL.1));
        }
        let prompt = self.prompt((&format!("{zh}。"), &format!("{en}.")));
        let mut fields = vec!["kind: menu".to_owned(), format!("prompt: {prompt}")];
        fields.extend(account.map(|account| format!("values: {{ total: {account}.total }}")));
        fields.push(format!("keys: {{ {} }}", keys.join(", ")));
        self.node(id, fields, true);
    }

    fn dialling(&mut self, on: &[String], account: Option<&str>) -> Vec<String> {
        let (text, values) = match account {
            None => (("来电。接听请按一。", "A caller. To take the call, press one."), String::new()),
            Some(account) => (
                ("余额{total: amount}。接听请按一。", "They have {total: amount}. To take the call, press one."),
                format!("values: {{ total: {account}.total }}, "),
            ),
        };
        let (whisper, prompt) = (self.prompt(text), self.prompt(("正在为您转接。", "We put you through.")));
        let outcomes = ["talked", "busy", "no-answer", "declined", "failed"];
        let on: Vec<String> = outcomes.iter().zip(on).map(|(outcome, target)| format!("{outcome}: {target}")).collect();
        vec![
            "kind: dial".into(),
            "target: operators".into(),
            format!("prompt: {prompt}"),
            format!("whisper: {{ prompt: {whisper}, {values}accept: 1 }}"),
            "ring: 25s".into(),
            format!("on: {{ {} }}", on.join(", ")),
        ]
    }

    /// A balance: proved, asked, said.
    fn account(&mut self, id: &str) {
        let account =
            if self.tape.roll(2) == 0 { "account".to_owned() } else { id.replace("main.", "held.").replace('.', "-") };
        let (ask, say) = (format!("{id}.ask"), format!("{id}.say"));
        // Whoever is turned away goes home; the expiry of a verification leads to the same question.
        let first = if self.risky(Risk::Value) { say.clone() } else { ask.clone() };
        self.node(id, calls("verify", &[("verified", &first), ("refused", "main.menu")]), false);
        self.node(&say, Vec::new(), false);
        self.node(&ask, Vec::new(), false);
        let lost = if self.risky(Risk::Loop) { ask.clone() } else { "main.menu".to_owned() };
        let none = if self.risky(Risk::Value) { say.clone() } else { "main.menu".to_owned() };
        self.node(
            &ask,
            vec![
                "kind: lookup".into(),
                "lookup: medical-account".into(),
                format!("as: {account}"),
                format!(
                    "on: {{ found: {say}, none: {none}, not-normal: main.menu, expired: {id}, unavailable: {lost} }}"
                ),
            ],
            false,
        );
        self.accounts.push(account.clone());
        let next = if self.tape.roll(2) == 0 {
            self.target()
        } else {
            let stage = format!("{id}.stage");
            let targets: Vec<String> = (0..3).map(|_| self.target()).collect();
            let cases =
                format!("cases: {{ account: {}, self-pay: {}, co-pay: {} }}", targets[0], targets[1], targets[2]);
            self.node(&stage, vec!["kind: branch".into(), format!("of: {account}.stage"), cases], false);
            stage
        };
        let mut fields = vec!["kind: say".to_owned()];
        fields.extend(self.says_total(&account));
        fields.push(format!("next: {next}"));
        self.node(&say, fields, false);
    }

    /// Payments of a month: asked for, proved, walked through.
    fn month(&mut self, id: &str) {
        let [set, verify, ask, walk] = ["set", "verify", "ask", "walk"].map(|part| format!("{id}.{part}"));
        let month = self.prompt(("请输入月份。", "Key in the month."));
        self.node(
            id,
            vec![
                "kind: collect".into(),
                format!("prompt: {month}"),
                "format: year-month".into(),
                "as: asked-month".into(),
                format!("next: {set}"),
            ],
            true,
        );
        self.node(
            &set,
            vec!["kind: set".into(), "values: { insurance: insurance/pension }".into(), format!("next: {verify}")],
            false,
        );
        self.node(&verify, calls("verify", &[("verified", &ask), ("refused", "main.menu")]), false);
        let list = id.replace("main.", "list.").replace('.', "-");
        self.node(
            &ask,
            vec![
                "kind: lookup".into(),
                "lookup: payments".into(),
                "with: { insurance: insurance, month: asked-month }".into(),
                format!("as: {list}"),
                format!("on: {{ found: {walk}, future: {id}, too-old: {id}, newest: {id}, none: main.menu, expired: {verify}, unavailable: main.menu }}"),
            ],
            false,
        );
        // Only home leads on: elsewhere somebody may verify anew and come back to a list that is gone.
        let away = if self.risky(Risk::Value) { self.target() } else { "main.menu".to_owned() };
        let record = self.prompt(("{month: year-month}，基数{base: amount}。", "{month: year-month}, {base: amount}."));
        let prompt = self.prompt((
            "下一个月请按一，上一个月请按二，返回请按三。",
            "Next, press one. Previous, press two. Back, press three.",
        ));
        self.node(
            &walk,
            vec![
                "kind: browse".into(),
                format!("list: {list}.months"),
                format!("item: {list}-item"),
                "each: records".into(),
                "of: reading".into(),
                format!("cases: {{ plain: {record}, back-paid: {record}, missing: {record}, owed: {record} }}"),
                format!("prompt: {prompt}"),
                format!("keys: {{ 1: next, 2: previous, 3: {away} }}"),
                "past-end: main.menu".into(),
                "past-start: main.menu".into(),
            ],
            false,
        );
    }

    /// A sub-flow that asks something; perhaps it looks up what its caller then says.
    fn sub_flow(&mut self, id: &str) {
        let name = format!("sub{}", self.used);
        let part = |part: &str| format!("{name}.{part}");
        let mut nodes = Vec::new();
        let mut add = |id: String, fields: Vec<String>| nodes.push(Written { id, fields, listens: false });
        let account = format!("{name}-account");
        let looks = self.tape.roll(2) == 1;
        let end = if looks { part("verify") } else { part("done") };
        let prompt = self.prompt(("请按一，请按二。", "Press one. press two."));
        add(
            part("menu"),
            vec![
                "kind: menu".into(),
                format!("prompt: {prompt}"),
                format!("keys: {{ 1: {end}, 2: {} }}", part("left")),
            ],
        );
        add(part("done"), vec!["kind: return".into(), "exit: done".into()]);
        add(part("left"), vec!["kind: return".into(), "exit: left".into()]);
        if looks {
            add(part("verify"), calls("verify", &[("verified", &part("ask")), ("refused", &part("left"))]));
            let (done, left, verify) = (part("done"), part("left"), part("verify"));
            let lost = if self.risky(Risk::Value) { done.clone() } else { left.clone() };
            add(
                part("ask"),
                vec![
                    "kind: lookup".into(),
                    "lookup: medical-account".into(),
                    format!("as: {account}"),
                    format!(
                        "on: {{ found: {done}, none: {lost}, not-normal: {left}, expired: {verify}, unavailable: {left} }}"
                    ),
                ],
            );
        }
        self.flows.insert(name.clone(), nodes);
        self.node(id, Vec::new(), false);
        let done = if looks {
            let say = format!("{id}.say");
            self.accounts.push(account.clone());
            self.node(&say, Vec::new(), false);
            let mut fields = vec!["kind: say".to_owned()];
            fields.extend(self.says_total(&account));
            fields.push(format!("next: {}", self.target()));
            self.node(&say, fields, false);
            say
        } else {
            self.target()
        };
        let left = self.target();
        self.node(id, calls(&name, &[("done", &done), ("left", &left)]), false);
    }

    fn files(self) -> Files {
        let mut files = good_line();
        files.0.insert("main.yaml".to_owned(), format!("format: 1\nnodes:\n{}", written(&self.main)));
        for (name, nodes) in &self.flows {
            let text =
                format!("format: 1\nflow: {name}\nstart: {name}.menu\nexits: [done, left]\nnodes:\n{}", written(nodes));
            files.0.insert(format!("{name}.yaml"), text);
        }
        for (language, index) in [("zh-CN", 0), ("en", 1)] {
            let mut text = String::new();
            for (id, texts) in &self.prompts {
                writeln!(text, "{id}: \"{}\"", if index == 0 { &texts.0 } else { &texts.1 }).unwrap();
            }
            files.0.insert(format!("prompts/{language}/random.yaml"), text);
        }
        files
    }
}

fn calls(flow: &str, on: &[(&str, &str)]) -> Vec<String> {
    let on: Vec<String> = on.iter().map(|(exit, target)| format!("{exit}: {target}")).collect();
    vec!["kind: call".to_owned(), format!("flow: {flow}"), format!("on: {{ {} }}", on.join(", "))]
}

fn written(nodes: &[Written]) -> String {
    let mut text = String::new();
    for node in nodes {
        writeln!(text, "  {}:", node.id).unwrap();
        for field in &node.fields {
            writeln!(text, "    {field}").unwrap();
        }
    }
    text
}

/// A change to one line of one file of a line, of those that `risks` allow; `None` if none was found for the tape.
pub(super) fn changed(files: &Files, tape: &mut Tape<'_>, risks: &[Risk]) -> Option<Files> {
    let paths: Vec<String> = files.0.keys().filter(|path| is_flow(path)).cloned().collect();
    (0..12).find_map(|_| {
        let path = tape.of(&paths);
        let lines: Vec<&str> = files.0.get(&path)?.lines().collect();
        let at = tape.roll(lines.len());
        let changed = change(files, &lines, at, tape, risks)?;
        let text: Vec<&str> =
            lines[..at].iter().copied().chain([changed.as_str()]).chain(lines[at + 1..].iter().copied()).collect();
        let mut files = files.clone();
        files.0.insert(path, text.join("\n") + "\n");
        Some(files)
    })
}

/// What stands instead of a line of a file.
fn change(files: &Files, lines: &[&str], at: usize, tape: &mut Tape<'_>, risks: &[Risk]) -> Option<String> {
    let line = lines[at];
    let (field, value) = line.trim().split_once(": ")?;
    match field {
        "prompt" if value == "sys.bye" && risks.contains(&Risk::Silence) => Some(String::new()),
        // Somebody's balance is said instead.
        "prompt" if risks.contains(&Risk::Value) => {
            let texts = files.0.get("prompts/en/random.yaml")?;
            let (total, _) =
                texts.lines().find(|text| text.ends_with(&format!(": \"{}\"", TOTAL.1)))?.split_once(':')?;
            let has_values = lines.get(at + 1).is_some_and(|next| next.trim().starts_with("values:"));
            (!has_values).then(|| format!("    prompt: {total}\n    values: {{ total: account.total }}"))
        }
        // What one question answers is held under the name of another.
        "as" if risks.contains(&Risk::Value) => {
            Some(line.replacen(value, if value == "account" { "other" } else { "account" }, 1))
        }
        // An edge leads elsewhere: around a verification, past a lookup, back to where it comes from.
        "next" | "on" | "keys" | "cases" if Risk::ALL.iter().all(|risk| risks.contains(risk)) => {
            let ids: Vec<&str> = lines
                .iter()
                .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
                .map(|line| line.trim().trim_end_matches(':'))
                .collect();
            let words: Vec<&str> = value.split([' ', ',', '{', '}']).filter(|word| ids.contains(word)).collect();
            if words.is_empty() {
                return None;
            }
            Some(line.replacen(&format!(" {}", tape.of(&words)), &format!(" {}", tape.of(&ids)), 1))
        }
        _ => None,
    }
}

fn is_flow(path: &str) -> bool {
    !path.starts_with("prompts/") && !matches!(path, "line.yaml" | "calendar.yaml")
}
