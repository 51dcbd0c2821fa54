//! Pictures of flows: Graphviz DOT, Mermaid, `GraphML`. Holdings are nodes, grouped by processor; flows are edges, many
//! acts of one kind between the same two holdings being one. Uses, stores, corrections and deletions carry nothing
//! and are left out, and so are subjects and times.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Record;
use super::flows::{Acts, Edge, Holding, edges};
use crate::model::word::Carries;

/// Nodes with their numbers, by processor.
fn nodes<'a>(edges: &BTreeMap<Edge<'a>, Acts<'a>>) -> BTreeMap<Holding<'a>, usize> {
    let all: BTreeSet<Holding<'a>> = edges
        .keys()
        .flat_map(|edge| edge.from.into_iter().chain([edge.to]))
        .collect();
    all.into_iter().zip(1..).collect()
}

fn label(edge: &Edge<'_>, acts: &Acts<'_>) -> String {
    let mut label = edge.kind.to_string();
    if acts.count > 1 {
        let _ = write!(label, " ×{}", acts.count);
    }
    for purpose in &acts.purposes {
        let _ = write!(label, ", {purpose}");
    }
    match edge.carries {
        Carries::Surely => {}
        Carries::Possible => label.push_str(" (possible)"),
        Carries::Influence => label.push_str(" (influence)"),
    }
    label
}

/// Graphviz.
pub fn dot(record: Record<'_>) -> String {
    let quote = |text: &str| {
        let escaped = text
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        format!("\"{escaped}\"")
    };
    let edges = edges(record);
    let nodes = nodes(&edges);
    let mut text = String::from("digraph flows {\n  rankdir=LR;\n  node [shape=box];\n");
    let mut by_processor: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    for (holding, number) in &nodes {
        by_processor
            .entry(holding.processor)
            .or_default()
            .push((holding.field, *number));
    }
    for (index, (processor, fields)) in by_processor.iter().enumerate() {
        let _ = writeln!(
            text,
            "  subgraph cluster_{index} {{\n    label={};",
            quote(processor)
        );
        for (field, number) in fields {
            let _ = writeln!(text, "    n{number} [label={}];", quote(field));
        }
        text.push_str("  }\n");
    }
    for (edge, acts) in &edges {
        let Some(from) = edge.from else { continue };
        let style = if edge.carries == Carries::Surely {
            "solid"
        } else {
            "dashed"
        };
        let _ = writeln!(
            text,
            "  n{} -> n{} [label={}, style={style}];",
            nodes[&from],
            nodes[&edge.to],
            quote(&label(edge, acts))
        );
    }
    text.push_str("}\n");
    text
}

/// Mermaid.
pub fn mermaid(record: Record<'_>) -> String {
    let quote = |text: &str| format!("\"{}\"", in_mermaid(text));
    let edges = edges(record);
    let nodes = nodes(&edges);
    let mut text = String::from("flowchart LR\n");
    let mut last = "";
    let mut number_of_group = 0;
    for (holding, number) in &nodes {
        if holding.processor != last || number_of_group == 0 {
            if number_of_group > 0 {
                text.push_str("  end\n");
            }
            number_of_group += 1;
            last = holding.processor;
            let _ = writeln!(text, "  subgraph p{number_of_group}[{}]", quote(last));
        }
        let _ = writeln!(text, "    n{number}[{}]", quote(holding.field));
    }
    if number_of_group > 0 {
        text.push_str("  end\n");
    }
    for (edge, acts) in &edges {
        let Some(from) = edge.from else { continue };
        let arrow = if edge.carries == Carries::Surely {
            "-->"
        } else {
            "-.->"
        };
        let label = quote(&label(edge, acts));
        let _ = writeln!(text, "  n{} {arrow}|{label}| n{}", nodes[&from], nodes[&edge.to]);
    }
    text
}

/// A text in a quoted label. Mermaid reads entities there, `#35;` being a `#`, and Markdown after a backtick; what breaks
/// or turns a line has no place in it.
fn in_mermaid(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        match letter {
            '#' | '&' | '"' | '<' | '>' | '`' => {
                let _ = write!(out, "#{};", u32::from(letter));
            }
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push('\u{fffd}');
            }
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
        out
    })
}

/// `GraphML`, for Gephi, yEd, networkx and igraph.
pub fn graphml(record: Record<'_>) -> String {
    let edges = edges(record);
    let nodes = nodes(&edges);
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    for (id, side, name, kind) in [
        ("processor", "node", "processor", "string"),
        ("field", "node", "field", "string"),
        ("act", "edge", "act", "string"),
        ("carries", "edge", "carries", "string"),
        ("count", "edge", "count", "long"),
        ("first", "edge", "first", "string"),
        ("purposes", "edge", "purposes", "string"),
    ] {
        let _ = writeln!(
            text,
            "  <key id=\"{id}\" for=\"{side}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>"
        );
    }
    text.push_str("  <graph id=\"flows\" edgedefault=\"directed\">\n");
    for (holding, number) in &nodes {
        let _ = writeln!(
            text,
            "    <node id=\"n{number}\"><data key=\"processor\">{}</data><data key=\"field\">{}</data></node>",
            xml(holding.processor),
            xml(holding.field)
        );
    }
    let flows = edges
        .iter()
        .filter_map(|(edge, acts)| Some((edge.from?, edge, acts)));
    for (index, (from, edge, acts)) in flows.enumerate() {
        let purposes: Vec<&str> = acts.purposes.iter().copied().collect();
        let _ = writeln!(
            text,
            "    <edge id=\"e{}\" source=\"n{}\" target=\"n{}\"><data key=\"act\">{}</data><data key=\"carries\">{}</data>\
             <data key=\"count\">{}</data><data key=\"first\">{}</data><data key=\"purposes\">{}</data></edge>",
            index + 1,
            nodes[&from],
            nodes[&edge.to],
            edge.kind,
            edge.carries,
            acts.count,
            xml(acts.first),
            xml(&purposes.join(" "))
        );
    }
    text.push_str("  </graph>\n</graphml>\n");
    text
}

/// A text in XML; characters that XML has no place for become a replacement character.
fn xml(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}');
            }
            letter => out.push(letter),
        }
        out
    })
}
