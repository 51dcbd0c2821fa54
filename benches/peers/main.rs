//! Wherefore's side of the comparison with other engines: reads the columns of a graph and answers what it is asked.
//!
//! `peers DIR FILE` reads the `.u32` files of DIR; `{"load": true}` builds the columns and saves them to FILE. Then one
//! JSON question a line, one answer a line with the CPU seconds and the seconds of the clock that it took. Started by
//! `benches/peers/run.sh`; `graph.py` beside it makes the graphs and says what the columns are.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    unsafe_code,
    reason = "a bench stops at the first surprise"
)]

use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use wherefore::engine::{Arrivals, Base, Columns, Log, Meeting, Ties, Untimed};

#[path = "../engine/graph.rs"]
#[expect(dead_code, reason = "here graphs are read and not made")]
mod graph;
#[path = "../engine/questions.rs"]
#[expect(dead_code, reason = "the other bench asks more")]
mod questions;
#[path = "../engine/timing.rs"]
#[expect(dead_code, reason = "the other bench prints more")]
mod timing;

use graph::Graph;
use questions::{Authorizations, Members, Parties};

fn column(folder: &Path, name: &str) -> Vec<i32> {
    let bytes = std::fs::read(folder.join(format!("{name}.u32"))).unwrap();
    let (words, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty(), "{name} is cut short");
    words.iter().map(|word| i32::from_le_bytes(*word)).collect()
}

fn read(folder: &Path) -> Graph {
    let column = |name| column(folder, name);
    Graph {
        src: column("flow.source"),
        dst: column("flow.target"),
        t: column("flow.time"),
        end: column("flow.time"),
        purpose: column("flow.purpose"),
        party: column("node.party"),
        country: column("node.country"),
        cat: column("node.category"),
        auth_party: column("auth.party"),
        auth_cat: column("auth.category"),
        auth_purpose: column("auth.purpose"),
        auth_t0: column("auth.since"),
        auth_t1: column("auth.until"),
        field: column("field.node"),
        birth: column("field.birth"),
    }
}

/// The graph in columns, and what questions need beside it.
struct Engine {
    graph: Graph,
    timed: Columns,
    search: Meeting,
    members: Members,
    arrivals: Arrivals,
    untimed: Untimed,
    parties: Parties,
}

impl Engine {
    fn build(folder: &Path) -> (Self, f64, f64) {
        let graph = read(folder);
        let timed: Log = graph.log(Ties::Any, false);
        let clock = Instant::now();
        let (used, timed) = timing::once(|| Columns::build(&timed).unwrap());
        let (used, clock) = (used.as_secs_f64(), clock.elapsed().as_secs_f64());
        let engine = Self {
            search: Meeting::new(&timed),
            members: Members::new(&graph),
            arrivals: Arrivals::new(&timed),
            untimed: Untimed::new(&timed),
            parties: Parties::new(&graph),
            timed,
            graph,
        };
        (engine, used, clock)
    }

    fn q0(&mut self, node: u32) -> Value {
        json!(self.untimed.run(&self.timed, node).len() - 1)
    }

    /// How many parties are reached, and the sum of the earliest times.
    fn q1(&mut self, node: u32, birth: i64) -> Value {
        let (parties, sum) =
            self.parties
                .reached(&self.graph, &self.timed, &mut self.arrivals, (node, birth));
        json!([parties, sum])
    }

    /// Whether the party is reached; the chain is part of the answer.
    fn q2(&mut self, node: u32, birth: i64, wanted: i32) -> Value {
        let (timed, search) = (&self.timed, &mut self.search);
        let acts = self.members.reaches(timed, search, (node, birth), wanted);
        assert!(acts.is_none_or(|acts| acts > 0), "a chain has acts");
        json!(acts.is_some())
    }

    /// How many pairs of field and party lack an authorization, and how many flows carry a field over a border. What the
    /// authorizations forbid is worked out anew.
    fn q3(&mut self, fields: usize) -> Value {
        let every = self.graph.field.len() / fields;
        let some = |all: &[i32]| all.iter().step_by(every).copied().collect();
        let field = some(&self.graph.field);
        let birth = some(&self.graph.birth);
        let all = (
            std::mem::replace(&mut self.graph.field, field),
            std::mem::replace(&mut self.graph.birth, birth),
        );
        let authorizations = Authorizations::new(&self.graph, &self.timed);
        let starts = questions::starts(&self.graph, &self.timed);
        let [pairs, crossings, _] =
            questions::whole_audit(&self.graph, &self.timed, &authorizations, &starts, 1);
        (self.graph.field, self.graph.birth) = all;
        json!([pairs, crossings])
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let (Some(folder), Some(file)) = (arguments.next(), arguments.next()) else {
        println!("peers DIR FILE: see benches/peers/run.sh");
        return;
    };
    let folder = PathBuf::from(folder);
    let mut engine = None;
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
        let (answer, used, clock) = if asked.get("load").is_some() {
            let (built, used, clock) = Engine::build(&folder);
            let base = Base {
                sequence: 0,
                digest: [0; 32],
            };
            built.timed.save(Path::new(&file), base).unwrap();
            engine = Some(built);
            (Value::Null, used, clock)
        } else {
            let engine = engine.as_mut().expect("a graph was loaded");
            let begun = Instant::now();
            let (used, answer) = timing::once(|| {
                if let Some(node) = asked.get("q0") {
                    engine.q0(number(node))
                } else if let Some(Value::Array(of)) = asked.get("q1") {
                    engine.q1(number(&of[0]), number(&of[1]).into())
                } else if let Some(Value::Array(of)) = asked.get("q2") {
                    engine.q2(number(&of[0]), number(&of[1]).into(), number(&of[2]) as i32)
                } else if let Some(fields) = asked.get("q3") {
                    engine.q3(number(fields) as usize)
                } else {
                    panic!("{asked} is no question");
                }
            });
            (answer, used.as_secs_f64(), begun.elapsed().as_secs_f64())
        };
        println!("{}", json!({"answer": answer, "cpu": used, "clock": clock}));
        std::io::stdout().flush().unwrap();
    }
}
