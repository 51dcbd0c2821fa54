//! YAML 1.2 into a tree, by events, so that every node keeps its place.

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::facts::Reading;
use crate::facts::node::{Key, Mark, Node, Value};
use crate::model::place::ProblemCode;

/// Deeper nesting is refused: no fact needs it, and trees are walked by recursion.
const DEPTH_MAX: usize = 64;
/// Aliases may add this many nodes and no more, so that they cannot blow a small file up.
const ALIASED_MAX: usize = 1_000_000;

/// A list or map that is not closed yet.
enum Open<'t> {
    List(Vec<Node<'t>>),
    Map(Vec<(Key<'t>, Node<'t>)>, Option<Key<'t>>),
}

struct Frame<'t> {
    open: Open<'t>,
    mark: Mark,
    anchor: usize,
}

/// Reads one YAML document. `None` when it cannot be read; the problem is in `reading`.
pub fn node<'t>(text: &'t str, reading: &mut Reading) -> Option<Node<'t>> {
    let mut builder = Builder {
        stack: Vec::new(),
        anchors: FxHashMap::default(),
        root: None,
        aliased: 0,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let mark = mark(error.marker().line(), error.marker().col());
                reading.problem(
                    ProblemCode::Syntax,
                    mark,
                    format!("this is not YAML: {}", error.info()),
                    "mend the line or the indentation above it",
                );
                return None;
            }
        };
        let at = start(&span);
        if let Err(((code, message, help), at)) = builder.take(event, at) {
            reading.problem(code, at, message.to_owned(), help);
            return None;
        }
    }
    if builder.root.is_none() {
        reading.problem(
            ProblemCode::Syntax,
            Mark { line: 1, column: 1 },
            "the document is empty".to_owned(),
            "a fact file begins with `scenario:` and `as_of:`",
        );
    }
    builder.root
}

type Refusal = ((ProblemCode, &'static str, &'static str), Mark);

struct Builder<'t> {
    stack: Vec<Frame<'t>>,
    anchors: FxHashMap<usize, Node<'t>>,
    root: Option<Node<'t>>,
    /// Nodes that aliases have added so far.
    aliased: usize,
}

impl<'t> Builder<'t> {
    fn take(&mut self, event: Event<'t>, mark: Mark) -> Result<(), Refusal> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                if self.root.is_some() {
                    return Err((
                        (
                            ProblemCode::Shape,
                            "a second document begins here",
                            "put each fact set into a file of its own",
                        ),
                        mark,
                    ));
                }
                Ok(())
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return Err((
                        (
                            ProblemCode::Syntax,
                            "this alias stands inside what it names",
                            "write the value out",
                        ),
                        mark,
                    ));
                };
                self.aliased += count(node);
                if self.aliased > ALIASED_MAX {
                    return Err((
                        (
                            ProblemCode::Limit,
                            "aliases stand for more than a million values",
                            "write the values out, or write the file as NDJSON",
                        ),
                        mark,
                    ));
                }
                let node = Node {
                    value: node.value.clone(),
                    mark,
                };
                self.add(node, 0)
            }
            Event::Scalar(text, style, anchor, _) => {
                let value = if style == ScalarStyle::Plain && is_null(&text) {
                    // A key may be called `null`; only values can be nothing.
                    if self.expects_key() {
                        Value::Text(text)
                    } else {
                        Value::Null
                    }
                } else {
                    Value::Text(text)
                };
                self.add(Node { value, mark }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.open(Open::List(Vec::new()), mark, anchor),
            Event::MappingStart(anchor, _) => self.open(Open::Map(Vec::new(), None), mark, anchor),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.stack.pop() else {
                    return Ok(());
                };
                let value = match frame.open {
                    Open::List(items) => Value::List(items),
                    Open::Map(entries, _) => Value::Map(entries),
                };
                self.add(
                    Node {
                        value,
                        mark: frame.mark,
                    },
                    frame.anchor,
                )
            }
        }
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                open: Open::Map(_, None),
                ..
            })
        )
    }

    fn open(&mut self, open: Open<'t>, mark: Mark, anchor: usize) -> Result<(), Refusal> {
        if self.stack.len() >= DEPTH_MAX {
            return Err((
                (
                    ProblemCode::Limit,
                    "nested more than 64 deep",
                    "no fact needs such depth; flatten it",
                ),
                mark,
            ));
        }
        self.stack.push(Frame { open, mark, anchor });
        Ok(())
    }

    fn add(&mut self, node: Node<'t>, anchor: usize) -> Result<(), Refusal> {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame {
                open: Open::List(items),
                ..
            }) => items.push(node),
            Some(Frame {
                open: Open::Map(entries, pending),
                ..
            }) => {
                if let Some(key) = pending.take() {
                    entries.push((key, node));
                } else if let Value::Text(text) = node.value {
                    *pending = Some(Key {
                        text,
                        mark: node.mark,
                    });
                } else {
                    return Err((
                        (
                            ProblemCode::Shape,
                            "a key must be a text",
                            "write key: value; a text that begins with { or [ needs quotes",
                        ),
                        node.mark,
                    ));
                }
            }
        }
        Ok(())
    }
}

/// How many values a node holds; a long text counts as several.
fn count(node: &Node<'_>) -> usize {
    const LONG: usize = 64;
    1 + match &node.value {
        Value::Null => 0,
        Value::Text(text) => text.len() / LONG,
        Value::List(items) => items.iter().map(count).sum(),
        Value::Map(entries) => entries.iter().map(|(_, inner)| count(inner)).sum(),
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn start(span: &Span) -> Mark {
    mark(span.start.line(), span.start.col())
}

fn mark(line: usize, column_from_0: usize) -> Mark {
    Mark {
        line: u32::try_from(line.max(1)).unwrap_or(u32::MAX),
        column: u32::try_from(column_from_0 + 1).unwrap_or(u32::MAX),
    }
}
