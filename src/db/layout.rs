//! A large family in columns: which of its acts a question of reach needs, and who had what.
//!
//! A family of a million acts is not replayed for a question that needs a few hundred of them. Its flows are laid
//! down once; a search back from whom the question is about finds the acts that can have brought anything there,
//! and these alone are replayed and answer, chain and all, as the whole family would. Families in which something
//! ends are replayed as a whole: what contradicts the record depends on every copy.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::engine::{Backward, Columns, Flow, Frontier, Limits, Log, Position, Seed, Start, Ties};
use crate::graph::{Act, FieldNo, History, ProcessorNo};
use crate::model::time::{Instant, When};
use crate::model::word::ActKind;

/// A processor with a field.
type Holding = (ProcessorNo, FieldNo);

/// The flows of a family in columns.
#[derive(Debug)]
pub struct Layout {
    columns: Columns,
    holdings: Vec<Holding>,
    /// Acts that acquire, by the holding that acquires, both by number.
    acquiring: Vec<(u32, u32)>,
    /// Where and since when something is held at all.
    held: Vec<Start>,
    search: Mutex<Frontier>,
    back: Mutex<Backward>,
}

impl Layout {
    /// Lays the acts of one subject down; nothing when something ends among them, or an act takes place at another
    /// time than one instant. Cost: linear in the pairs of field and act.
    pub fn new(history: &History) -> Option<Self> {
        if !history.acts().iter().all(is_plain) {
            return None;
        }
        let mut numbers: FxHashMap<Holding, u32> = FxHashMap::default();
        let mut holdings = Vec::new();
        let mut number = |processor: ProcessorNo, field: FieldNo| {
            *numbers.entry((processor, field)).or_insert_with(|| {
                holdings.push((processor, field));
                index(holdings.len()) - 1
            })
        };
        let mut log = Log::new(Ties::Recorded, 0);
        let mut acquiring = Vec::new();
        for (order, act) in (0..).zip(history.acts()) {
            let at = act.at.micros();
            let mut collected = Vec::new();
            let mut flow = |from, to| {
                if from == to {
                    // Whoever gives to itself has one copy more.
                    acquiring.push((to, order));
                }
                log.flows.push(Flow {
                    at,
                    order,
                    from,
                    to,
                    label: order + 1,
                });
            };
            for field in &act.fields {
                if act.kind == ActKind::Collect {
                    let node = number(act.actor, *field);
                    collected.push(node);
                    log.seeds.push(Seed { at, order, node });
                } else if act.kind == ActKind::Derive {
                    for made in &act.makes {
                        flow(number(act.actor, *field), number(act.actor, *made));
                    }
                } else if let Some(to) = act.recipient.filter(|_| act.kind != ActKind::Correct) {
                    flow(number(act.actor, *field), number(to, *field));
                }
            }
            acquiring.extend(collected.into_iter().map(|node| (node, order)));
        }
        log.nodes = index(holdings.len());
        acquiring.sort_unstable();
        let columns = Columns::build(&log).ok()?;
        let mut search = Frontier::new(&columns);
        let starts: Vec<Start> = columns.starts().collect();
        search.run(&columns, &starts, Limits::NONE, |_| false);
        let held = search
            .reached()
            .filter_map(|life| {
                Some(Start {
                    life,
                    at: search.arrival(life)?,
                })
            })
            .collect();
        Some(Self {
            back: Mutex::new(Backward::new(&columns)),
            columns,
            holdings,
            acquiring,
            held,
            search: Mutex::new(search),
        })
    }

    /// The acts that can have brought anything to the processor, as places in the history, in order; the first act of
    /// all is among them, so that the subject is known. Cost: what a
    /// search back from it reads.
    pub fn needed(&self, to: ProcessorNo) -> Vec<usize> {
        let wanted: Vec<u32> = (0..)
            .zip(&self.holdings)
            .filter(|(_, (processor, _))| *processor == to)
            .map(|(node, _)| node)
            .collect();
        let mut search = self.back.lock().unwrap_or_else(PoisonError::into_inner);
        search.run(&self.columns, &wanted, Position::LAST);
        let mut acts: Vec<usize> = vec![0];
        let brought = search.rows(&self.columns);
        acts.extend(brought.map(|row| self.columns.label(row) as usize - 1));
        for node in search.suppliers() {
            let from = self.acquiring.partition_point(|(other, _)| *other < node);
            let own = self.acquiring[from..]
                .iter()
                .take_while(|(other, _)| *other == node);
            acts.extend(own.map(|(_, act)| *act as usize));
        }
        acts.sort_unstable();
        acts.dedup();
        acts
    }

    /// The processors that had the field, at this processor or at any, or something made from it, by the instant;
    /// in the order of their numbers. Cost: a search forward.
    pub fn had(&self, field: FieldNo, at: Option<ProcessorNo>, until: Instant) -> Vec<ProcessorNo> {
        let is_source = |start: &&Start| {
            let (processor, held) = self.holdings[start.life as usize];
            held == field && at.is_none_or(|at| at == processor)
        };
        let starts: Vec<Start> = self.held.iter().filter(is_source).copied().collect();
        let limits = Limits {
            until: self.columns.position_until(until.micros()),
            ..Limits::NONE
        };
        let mut search = self.search.lock().unwrap_or_else(PoisonError::into_inner);
        search.run(&self.columns, &starts, limits, |_| false);
        let mut had: Vec<ProcessorNo> = search
            .reached()
            .map(|life| self.holdings[life as usize].0)
            .collect();
        had.sort_unstable();
        had.dedup();
        had
    }
}

/// Whether the act takes place at one instant and ends nothing.
fn is_plain(act: &Act) -> bool {
    let ends = matches!(act.kind, ActKind::Delete | ActKind::Assign);
    !ends && act.when == When::Instant(act.at) && act.subjects.len() == 1
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("a history holds fewer than 2^32 acts")
}
