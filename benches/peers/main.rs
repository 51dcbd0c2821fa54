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
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    unsafe_code,
    reason = "a bench stops at the first surprise"
)]

use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use wherefore::engine::{Arrivals, Base, Columns, Flow, Frontier, Goal, Limits, Log, Position, Ties};

#[path = "../engine/timing.rs"]
#[expect(dead_code, reason = "the other bench prints more")]
mod timing;

fn column(folder: &Path, name: &str) -> Vec<u32> {
    let bytes = std::fs::read(folder.join(format!("{name}.u32"))).unwrap();
    let (words, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty(), "{name} is cut short");
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

/// The graph in columns, and what questions need beside it.
struct Engine {
    timed: Columns,
    search: Frontier,
    arrivals: Arrivals,
    /// The same flows at one instant: plain reach.
    plain: Columns,
    plain_search: Frontier,
    party: Vec<u32>,
    /// The earliest arrival at each party; all -1 between questions.
    earliest: Vec<i64>,
}

impl Engine {
    fn build(folder: &Path) -> (Self, f64, f64) {
        let [source, target, time] =
            ["flow.source", "flow.target", "flow.time"].map(|name| column(folder, name));
        let party = column(folder, "node.party");
        let log = |is_timed: bool| {
            let mut log = Log::new(Ties::Any, party.len() as u32);
            log.flows = (1..)
                .zip(source.iter().zip(&target).zip(&time))
                .map(|(label, ((from, to), at))| Flow {
                    at: if is_timed { i64::from(*at) } else { 0 },
                    order: 0,
                    from: *from,
                    to: *to,
                    label,
                })
                .collect();
            log
        };
        let flows = log(true);
        let clock = Instant::now();
        let (used, timed) = timing::once(|| Columns::build(&flows).unwrap());
        let (used, clock) = (used.as_secs_f64(), clock.elapsed().as_secs_f64());
        drop(flows);
        let plain = Columns::build(&log(false)).unwrap();
        let parties = party.iter().max().unwrap() + 1;
        let engine = Self {
            search: Frontier::new(&timed),
            arrivals: Arrivals::new(&timed),
            plain_search: Frontier::new(&plain),
            earliest: vec![-1; parties as usize],
            timed,
            plain,
            party,
        };
        (engine, used, clock)
    }

    fn q0(&mut self, node: u32) -> Value {
        let start = self.plain.start(node, 0);
        self.plain_search
            .run(&self.plain, &[start], Limits::NONE, |_| false);
        json!(self.plain_search.reached().count() - 1)
    }

    /// How many parties are reached, and the sum of the earliest times.
    fn q1(&mut self, node: u32, birth: i64) -> Value {
        let start = self.timed.start(node, birth);
        self.arrivals.run(&self.timed, &[start], Position::LAST);
        let mut touched = Vec::new();
        let (mut parties, mut sum) = (0, 0);
        for life in self.arrivals.reached() {
            if life == start.life {
                continue;
            }
            let at = self.timed.instant(self.arrivals.arrival(life).unwrap().row());
            let party = self.party[self.timed.node_of(life) as usize];
            let least = &mut self.earliest[party as usize];
            if *least < 0 {
                parties += 1;
                sum += at;
                *least = at;
                touched.push(party);
            } else if at < *least {
                sum -= *least - at;
                *least = at;
            }
        }
        for party in touched {
            self.earliest[party as usize] = -1;
        }
        json!([parties, sum])
    }

    fn q2(&mut self, node: u32, birth: i64, wanted: u32) -> Value {
        let start = self.timed.start(node, birth);
        let limits = Limits {
            goal: Goal::Fewest,
            ..Limits::NONE
        };
        let (timed, party) = (&self.timed, &self.party);
        let found = self.search.run(timed, &[start], limits, |life| {
            life != start.life && party[timed.node_of(life) as usize] == wanted
        });
        if let Some(life) = found {
            // The witness is part of the answer.
            assert!(!self.search.shortest(life).is_empty(), "a chain has acts");
        }
        json!(found.is_some())
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
                    engine.q2(number(&of[0]), number(&of[1]).into(), number(&of[2]))
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
