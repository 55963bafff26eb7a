//! A line as DOT, the language of Graphviz: its parts as clusters.

use std::fmt::Write as _;

use super::card::{self, kind};
use super::drawing::ways;
use super::parts::parts;
use super::{Mark, Overlay, Tone};
use crate::flow::{Line, Node};

pub(super) fn write(line: &Line, overlay: &Overlay, only: Option<&str>) -> String {
    let mut dot = format!("digraph {} {{\n", quoted(line.name.as_str()));
    dot.push_str(
        "  rankdir=LR; node [fontname=\"monospace\", fontsize=11]; edge [fontname=\"monospace\", fontsize=9];\n",
    );
    let parts: Vec<_> = parts(line).into_iter().filter(|part| only.is_none_or(|only| part.name == only)).collect();
    for (number, part) in parts.iter().enumerate() {
        let style = if part.flow.is_some() { "dashed" } else { "solid" };
        put(&mut dot, 1, &format!("subgraph cluster_{number} {{"));
        put(&mut dot, 2, &format!("label={}; style={style};", quoted(&part.name)));
        for id in &part.nodes {
            if let Some(node) = line.nodes.get(*id) {
                put(&mut dot, 2, &of_node(id.as_str(), node, overlay.nodes.get(*id)));
            }
        }
        put(&mut dot, 1, "}");
    }
    for id in parts.iter().flat_map(|part| &part.nodes) {
        for (target, edges) in ways(line, id) {
            let (pieces, tone) = card::joined(id, &edges, overlay);
            let label: Vec<&str> = pieces.iter().map(|piece| piece.text.as_str()).collect();
            let label = quoted(&label.join(" "));
            put(
                &mut dot,
                1,
                &format!("{} -> {} [label={label}{}];", quoted(id.as_str()), quoted(target.as_str()), look(tone)),
            );
        }
        if let Some(Node::Call(call)) = line.nodes.get(*id)
            && let Some(flow) = line.flows.get(&call.flow)
        {
            let (from, start) = (quoted(id.as_str()), quoted(flow.start.as_str()));
            put(&mut dot, 1, &format!("{from} -> {start} [style=dotted, constraint=false];"));
        }
    }
    dot.push_str("}\n");
    dot
}

fn of_node(id: &str, node: &Node, mark: Option<&Mark>) -> String {
    let label = mark.map_or("", |mark| mark.label.as_str());
    let lines = [id, kind(node), label].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    let tone = mark.map(|mark| mark.tone).unwrap_or_default();
    format!("{} [label={}, shape={}{}];", quoted(id), quoted(&lines), shape(node), look(tone))
}

const fn shape(node: &Node) -> &'static str {
    match node {
        Node::Say(_) | Node::Effect(_) | Node::Set(_) => "box",
        Node::Menu(_) | Node::Browse(_) => "octagon",
        Node::Collect(_) | Node::Verify(_) => "parallelogram",
        Node::Lookup(_) => "cylinder",
        Node::Branch(_) => "hexagon",
        Node::Call(_) => "component",
        Node::Record(_) => "note",
        Node::Dial(_) | Node::Queue(_) => "cds",
        Node::Return(_) | Node::End(_) => "oval",
    }
}

/// How a tone looks.
fn look(tone: Tone) -> String {
    match tone {
        Tone::Plain => String::new(),
        Tone::Good => ", color=forestgreen".to_owned(),
        Tone::Missing => ", color=red, style=dashed".to_owned(),
        Tone::Weight(weight) => format!(", color=orangered, penwidth={:.1}", 1.0 + 5.0 * weight.clamp(0.0, 1.0)),
    }
}

fn put(dot: &mut String, depth: usize, text: &str) {
    writeln!(dot, "{}{text}", "  ".repeat(depth)).expect("a string takes every write");
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
