//! Pictures of lines, and what calls did in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use hotline::call::{DialOutcome, EndCause, Keys, Language, NodeId, Timestamp, ValueRecord};
use hotline::flow::{self, Event, Input, Line, SecretEntry, Traffic};
use hotline::line_files;
use hotline::picture::{self, Mark, Overlay, Tone};
use hotline::replay::{Walk, Walked};
use hotline::service::signatures;
use hotline::simulator::{call_file, play};
use hotline::store::{DataKey, Records};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event as Xml};

use crate::app::{App, DATA_KEY, Way};

fn shipped() -> Line {
    flow::load(&line_files::shipped(), &signatures()).unwrap().line
}

/// What stands in a picture.
#[derive(Default)]
struct Seen {
    /// Every text of an element, joined.
    texts: Vec<String>,
    ids: BTreeSet<String>,
    targets: BTreeSet<String>,
    /// Class of a rectangle -> left, top, right, bottom.
    rectangles: BTreeMap<String, Vec<[f64; 4]>>,
    elements: BTreeSet<String>,
}

/// Reads a picture; panics unless it is well-formed.
#[allow(clippy::wildcard_enum_match_arm, reason = "the parser's enum grows")]
fn see(svg: &str) -> Seen {
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let mut seen = Seen::default();
    let mut open = 0;
    let mut inside = false;
    loop {
        match reader.read_event().unwrap() {
            Xml::Start(element) => {
                open += 1;
                inside |= element.name().as_ref() == "text";
                if element.name().as_ref() == "text" {
                    seen.texts.push(String::new());
                }
                note(&mut seen, &element);
            }
            Xml::Empty(element) => note(&mut seen, &element),
            Xml::End(element) => {
                open -= 1;
                inside &= element.name().as_ref() != "text";
            }
            Xml::Text(text) if inside => seen.texts.last_mut().unwrap().push_str(&text),
            Xml::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, 0);
    seen
}

fn note(seen: &mut Seen, element: &BytesStart<'_>) {
    let attribute = |name: &str| {
        let found = element.attributes().map(Result::unwrap).find(|one| one.key.as_ref() == name);
        found.map(|one| one.value.into_owned())
    };
    seen.elements.insert(element.name().as_ref().to_owned());
    seen.ids.extend(attribute("id"));
    seen.targets.extend(attribute("href").map(|href| href.strip_prefix('#').unwrap().to_owned()));
    if element.name().as_ref() == "rect" {
        let side = |name| attribute(name).unwrap().parse::<f64>().unwrap();
        let (left, top) = (side("x"), side("y"));
        let area = [left, top, left + side("width"), top + side("height")];
        seen.rectangles.entry(attribute("class").unwrap()).or_default().push(area);
    }
}

fn assert_apart(areas: &[[f64; 4]]) {
    for (index, one) in areas.iter().enumerate() {
        for two in &areas[index + 1..] {
            // Coordinates are written to a tenth of a pixel.
            let apart = |axis: usize| one[axis + 2] <= two[axis] + 0.2 || two[axis + 2] <= one[axis] + 0.2;
            assert!(apart(0) || apart(1), "{one:?} lies on {two:?}");
        }
    }
}

#[test]
fn the_picture_has_every_node_and_every_way_and_nothing_lies_on_anything() {
    let line = shipped();
    let svg = picture::svg(&line, &Overlay::default());
    assert_eq!(svg, picture::svg(&line, &Overlay::default()), "the same line has the same picture");
    let seen = see(&svg);
    let all = seen.texts.join("\n");
    for (id, node) in &line.nodes {
        assert!(seen.texts.iter().any(|text| text == id.as_str()), "{id} is not in the picture");
        assert!(seen.ids.contains(&format!("node-{id}")), "{id}");
        for edge in node.edges() {
            let label = edge.key.as_deref().unwrap_or_default();
            assert!(all.contains(label), "{id} {label}");
        }
    }
    for flow in line.flows.keys() {
        assert!(seen.ids.contains(&format!("flow-{flow}")), "{flow} has no frame");
    }
    assert!(seen.targets.is_subset(&seen.ids), "{:?}", seen.targets.difference(&seen.ids));
    let cards = &seen.rectangles["card"];
    assert!(cards.len() > line.nodes.len());
    assert_apart(&[cards.as_slice(), seen.rectangles["under"].as_slice()].concat());
    assert_apart(&[seen.rectangles["frame"].as_slice(), seen.rectangles["frame flow"].as_slice()].concat());
    assert!(!seen.elements.contains("script") && !svg.contains("http:") || svg.matches("http:").count() == 1);
}

#[test]
fn every_way_is_an_arrow_or_is_named_on_its_card() {
    let line = shipped();
    let svg = picture::svg(&line, &Overlay::default());
    for (id, node) in &line.nodes {
        for edge in node.edges() {
            let arrow = format!("<title>{id} \u{2192} {}</title>", edge.target);
            let card = svg.split_once(&format!("id=\"node-{id}\"")).unwrap().1.split_once("</g>").unwrap().0;
            let named = card.contains(&format!("\u{2192} {}</text>", edge.target));
            assert!(svg.contains(&arrow) || named, "{id} {} {}", edge.name(), edge.target);
        }
    }
}

#[test]
fn a_part_is_drawn_alone() {
    let line = shipped();
    let parts = picture::parts(&line);
    assert!(parts.iter().any(|part| part == "verify-identity") && parts.iter().any(|part| part == "pay"), "{parts:?}");
    for part in &parts {
        let seen = see(&picture::svg_of(&line, &Overlay::default(), part).unwrap());
        assert_apart(&seen.rectangles["card"]);
    }
    assert!(picture::svg_of(&line, &Overlay::default(), "no-such-part").is_none());
    assert!(picture::dot_of(&line, &Overlay::default(), "no-such-part").is_none());
}

#[test]
fn marks_are_shown_as_they_are_said() {
    let line = shipped();
    let mark = |label: &str, tone| Mark { label: label.to_owned(), tone };
    let overlay = Overlay {
        nodes: [("main.menu".into(), mark("<7> visits", Tone::Weight(1.0)))].into(),
        edges: [
            (("main.menu".into(), "keys.5".to_owned()), mark("never", Tone::Missing)),
            (("med.menu".into(), "keys.1".to_owned()), mark("ok", Tone::Good)),
        ]
        .into(),
    };
    let seen = see(&picture::svg(&line, &overlay));
    for text in ["&lt;7&gt; visits", "5 never", "1 ok"] {
        let text = text.replace("&lt;", "").replace("&gt;", "");
        assert!(seen.texts.iter().any(|seen| seen.replace(['<', '>'], "").contains(&text)), "{text}");
    }
    let dot = picture::dot(&line, &overlay);
    assert!(dot.contains("[label=\"5 never\", color=red, style=dashed]"), "{dot}");
}

#[test]
fn dot_has_every_node_and_every_way() {
    let line = shipped();
    let dot = picture::dot(&line, &Overlay::default());
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
    for (id, node) in &line.nodes {
        assert!(dot.contains(&format!("\"{id}\" [label=")), "{id}");
        for edge in node.edges() {
            assert!(dot.contains(&format!("\"{id}\" -> \"{}\" [label=", edge.target)), "{id} {}", edge.target);
        }
    }
}

fn pressed(keys: &str) -> Event {
    Event::Input(Input::Pressed(Keys::parse(keys).unwrap()))
}

fn entered(node: &str) -> Event {
    Event::Entered(node.into())
}

fn done(outcome: &str) -> Event {
    Event::Input(Input::LookupDone { outcome: outcome.to_owned(), values: ValueRecord::new() })
}

fn count(traffic: &Traffic<'_>, node: &str, edge: &str) -> u64 {
    traffic.edges.get(&(NodeId::from(node), edge.to_owned())).copied().unwrap_or_default()
}

fn add(traffic: &mut Traffic<'_>, turns: &[(i64, Vec<Event>)]) {
    traffic.add(turns.iter().map(|(second, events)| (Timestamp::from_millis(second * 1_000), events.as_slice())));
}

/// In at 0 s, at the main menu at 10 s.
fn arrives() -> Vec<(i64, Vec<Event>)> {
    vec![
        (0, vec![Event::Input(Input::Arrived), entered("entry.welcome"), entered("entry.notice")]),
        (4, vec![Event::Input(Input::Silent), entered("entry.lang")]),
        (
            10,
            vec![
                Event::Input(Input::Silent),
                entered("entry.lang.zh"),
                entered("entry.bulletin"),
                done("none"),
                entered("entry.mode"),
                done("self-service"),
                entered("main.menu"),
            ],
        ),
    ]
}

#[test]
fn keys_silence_and_outcomes_are_found_again_as_edges() {
    let line = shipped();
    let mut traffic = Traffic::new(&line);
    let mut turns = arrives();
    turns.push((15, vec![pressed("3"), entered("guide.menu")]));
    turns.push((17, vec![pressed("*"), entered("main.menu")]));
    turns.push((18, vec![pressed("8")]));
    turns.push((20, vec![pressed("0"), entered("op.queue"), done("unavailable"), entered("op.transfer")]));
    let busy = Input::DialEnded { outcome: DialOutcome::Busy, talk_s: None };
    turns.push((50, vec![Event::Input(busy), entered("op.busy"), entered("op.again")]));
    turns.push((53, vec![Event::Input(Input::HungUp), Event::Ended(EndCause::CallerHungUp)]));
    add(&mut traffic, &turns);
    assert_eq!(traffic.calls, 1);
    for (node, edge) in [
        ("entry.welcome", "next"),
        ("entry.notice", "next"),
        ("entry.lang", "silent"),
        ("entry.bulletin", "on.none"),
        ("entry.mode", "on.self-service"),
        ("main.menu", "keys.3"),
        ("op.queue", "on.unavailable"),
        ("op.transfer", "on.busy"),
    ] {
        assert_eq!(count(&traffic, node, edge), 1, "{node} {edge}");
    }
    // Neither * nor 0 is an edge of a menu.
    assert_eq!(traffic.edges.keys().filter(|(node, _)| node.as_str() == "guide.menu").count(), 0);
    let menu = &traffic.nodes[&NodeId::from("main.menu")];
    assert_eq!((menu.visits, menu.left), (2, 0));
    assert_eq!(menu.mean_stay(), Some(Duration::from_secs(4)), "5 s, then 3 s with a wrong key in between");
    assert_eq!(menu.p90_stay(), Some(Duration::from_secs(5)));
    let again = &traffic.nodes[&NodeId::from("op.again")];
    assert_eq!((again.visits, again.left, again.mean_stay()), (1, 1, Some(Duration::from_secs(3))));
    assert_eq!(traffic.nodes[&NodeId::from("op.busy")].mean_stay(), None, "nobody waits where nothing listens");
}

#[test]
fn the_exit_of_a_sub_flow_is_an_edge_of_its_call() {
    let line = shipped();
    let mut traffic = Traffic::new(&line);
    let verify = |secret| {
        let mut turns = arrives();
        turns.push((
            11,
            vec![
                pressed("1"),
                entered("med.start"),
                entered("auth.maintenance"),
                done("none"),
                entered("auth.state"),
                entered("auth.method"),
            ],
        ));
        turns.push((12, vec![pressed("1"), entered("auth.id")]));
        turns.push((13, vec![pressed("000101197911035161"), entered("auth.pin")]));
        turns.push((14, secret));
        turns
    };
    let complete = Event::Input(Input::Entered(SecretEntry::Complete));
    let good = vec![
        complete,
        entered("auth.check"),
        done("verified"),
        entered("auth.ok"),
        entered("auth.verified"),
        entered("med.ask"),
    ];
    add(&mut traffic, &verify(good));
    assert_eq!(count(&traffic, "med.start", "on.verified"), 1);
    assert_eq!(count(&traffic, "auth.state", "cases.open"), 1);
    assert_eq!(count(&traffic, "auth.id", "next"), 1);
    // A lone 0 leaves the sub-flow, and what is called after that returns to its own call.
    let mut turns = verify(vec![
        Event::Input(Input::Entered(SecretEntry::Operator)),
        entered("op.queue"),
        done("nobody"),
        entered("op.nobody"),
        entered("op.offer"),
    ]);
    turns.push((20, vec![pressed("3"), entered("main.menu")]));
    turns.push((
        21,
        vec![pressed("2"), entered("pay.start"), entered("auth.maintenance"), done("none"), entered("auth.state")],
    ));
    turns.push((21, vec![entered("auth.verified"), entered("pay.ins")]));
    add(&mut traffic, &turns);
    assert_eq!(count(&traffic, "auth.pin", "next"), 1, "0 is no entry");
    assert_eq!(count(&traffic, "pay.start", "on.verified"), 1);
    assert_eq!(count(&traffic, "med.start", "on.verified"), 1);
    let edges: u64 =
        traffic.edges.iter().filter(|((node, _), _)| node.as_str() == "pay.start").map(|(_, times)| times).sum();
    assert_eq!(edges, 1);
}

/// Whatever a call does, it came to a node by an edge that leads there.
#[tokio::test]
async fn calls_are_counted_from_the_database_beside_a_running_service() {
    let line = shipped();
    let mut all = BTreeMap::new();
    for file in ["medical-co-pay", "direct-to-operator", "initial-pin", "again-and-back"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("call-flows/12333/calls/{file}.call"));
        let script = call_file::read(file, &std::fs::read_to_string(path).unwrap()).unwrap();
        let app = App::start(Way::Memory).await;
        play(&app.world, app.exchange(), &script, &Language::from("en")).await.unwrap();
        let records = Records::open(&app.folder().join("hotline.db")).await.unwrap();
        let version = records.active("12333").await.unwrap().unwrap();
        assert_eq!(version, line.version);
        let mut traffic = Traffic::new(&line);
        let key = DataKey::from_bytes(DATA_KEY);
        let mut calls = Walk::new(&records, &key, Timestamp::default());
        while let Some(Walked::Call(call)) = calls.next().await.unwrap() {
            assert_eq!(call.version, version);
            traffic.add(call.turns.iter().map(|turn| (turn.at, turn.events())));
        }
        let later = Timestamp::from_millis(i64::MAX);
        assert!(Walk::new(&records, &key, later).next().await.unwrap().is_none(), "no call ended so late");
        for (node, edge) in traffic.edges.keys() {
            assert!(line.nodes[node].edges().iter().any(|known| known.name() == *edge), "{node} {edge}");
        }
        for (node, at) in &traffic.nodes {
            let leads = |(from, edge): &(NodeId, String)| {
                line.nodes[from].edges().iter().any(|known| known.name() == *edge && known.target == node)
            };
            let came: u64 = traffic.edges.iter().filter(|(edge, _)| leads(edge)).map(|(_, times)| times).sum();
            assert!(came <= at.visits, "{node}: {came} ways to {} visits", at.visits);
        }
        all.insert(file, (traffic.calls, traffic.edges.clone(), traffic.nodes.clone()));
        app.stop().await;
    }
    let taken = |file: &str, node: &str, edge: &str| all[file].1.get(&(node.into(), edge.to_owned())).copied();
    assert_eq!(all["direct-to-operator"].0, 2);
    assert_eq!(taken("direct-to-operator", "entry.queue", "on.no-answer"), Some(1));
    assert_eq!(taken("direct-to-operator", "entry.queue", "on.talked"), Some(1));
    assert_eq!(taken("medical-co-pay", "med.stage", "cases.co-pay"), Some(1));
    assert_eq!(taken("medical-co-pay", "med.start", "on.verified"), Some(1));
    assert_eq!(taken("initial-pin", "med.start", "on.renewed"), Some(1));
    assert_eq!(taken("initial-pin", "auth.new-pin", "on.changed"), Some(1));
    assert_eq!(taken("again-and-back", "main.menu", "keys.1"), Some(2));
    assert_eq!(all["medical-co-pay"].2[&NodeId::from("med.menu")].left, 1);
}
