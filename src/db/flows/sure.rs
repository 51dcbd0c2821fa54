//! What is sure of the flows of a family: since when something is held somewhere, and by which acts.
//!
//! `docs/engine.md` says why a chain of acts that are sure is enough.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::over::{Over, Settled};
use super::search::{Acts, Search, at_node};
use super::{Since, flag, lasts};
use crate::engine::{Beginning, Moment, Position, Reach, Step};
use crate::model::time::Instant;
use crate::model::word::ActKind;
use crate::store::Number;

impl Search<'_> {
    /// The nodes at which what is at these surely is by the instant, or something made from it. Cost: a search forward.
    pub fn surely_reached(&self, sources: &[u32], until: Instant) -> Vec<u32> {
        if !self.is_sure {
            return Vec::new();
        }
        if let Some(common) = &self.common
            && !self.laid.top.has(flag::ENDS)
        {
            return common.surely.clone();
        }
        let columns = &self.laid.flows.columns;
        let begin = |node: &u32| {
            let surely = self.since(*node)?.surely?;
            Some(self.beginning(*node, self.laid.overlay.moment_of(surely)))
        };
        let sources: Vec<Beginning> = sources.iter().filter_map(begin).collect();
        // What was had before an end is not what is passed on after it.
        let is_sure = |step: Step| {
            let Step::Row(row) = step else { return false };
            let act = columns.label(row) - 1;
            !self.laid.flows.has(&self.laid.flows.parts.unsure, act)
                && self.laid.flows.counts(act, self.reading)
                && !self.is_ended(columns.node_of(columns.ends_of(row).0))
        };
        let reach = Reach::by(&self.laid.overlay, &sources, self.until(until), |step, _, _| {
            is_sure(step)
        });
        reach
            .lives()
            .map(|life| self.laid.overlay.node_of(life))
            .collect()
    }

    /// All that is needed to tell whether and when anything is held at the nodes, in no order that means anything, each once:
    /// where it is known by which acts something first came, these alone, and those by which it came again after an end; else all
    /// that can have brought anything, and so on with their givers. Cost: a step for each.
    pub fn enough(&self, nodes: &[u32]) -> Vec<Number> {
        let has_lasting = self.has_lasting();
        // What was deleted still is passed on, against the record, but not by what lasts.
        let is_open = |node: u32| !self.is_settled(node) || (has_lasting && self.is_ended(node));
        let (mut acts, mut open, mut known) = (Acts::default(), Vec::new(), Vec::new());
        for node in nodes {
            if is_open(*node) {
                open.push(*node);
                continue;
            }
            known.push(*node);
            if self.is_ended(*node) {
                match self.again(*node) {
                    Some((again, givers)) => {
                        acts.laid_down.extend(again);
                        known.extend(givers);
                    }
                    None => open.push(*node),
                }
            }
        }
        let wanted: FxHashSet<u32> = open.iter().copied().collect();
        let is_asked = |node: u32| is_open(node) || wanted.contains(&node);
        let givers = self.bringing(&open, is_asked, &mut acts);
        known.extend(givers.into_iter().filter(|node| !is_asked(*node)));
        self.chains(&known, &mut acts);
        self.numbers(acts)
    }

    /// What ends or begins at a node of which it is known by which acts something first came, and the acts by which it came again:
    /// after each end those up to the first that surely did; and who gave it. `None` where that is not known of all that matter.
    /// Cost: a step for each act that brings to it or does anything there.
    fn again(&self, node: u32) -> Option<(Vec<u32>, Vec<u32>)> {
        let (flows, columns) = (self.laid.flows, &self.laid.flows.columns);
        let life = self.laid.overlay.life_at(node, Moment::LAST);
        let mut acts: Vec<u32> = at_node(flows.pairs(&flows.parts.doing), node, 0).collect();
        let is_unsure = |act: u32| flows.has(&flows.parts.unsure, act);
        let has_unsure = acts.iter().any(|act| is_unsure(*act));
        if has_unsure || self.laid.doing(node).next().is_some() || self.laid.overlay.has_more_into(life) {
            return None;
        }
        let mut ends = acts.clone().into_iter().peekable();
        let (mut is_open, mut givers) = (false, Vec::new());
        for row in columns.rows_into(life) {
            let act = columns.label(row) - 1;
            while ends.next_if(|end| *end < act).is_some() {
                is_open = true;
            }
            if !is_open || !flows.counts(act, self.reading) {
                continue;
            }
            let giver = columns.node_of(columns.ends_of(row).0);
            if !self.is_settled(giver) {
                return None;
            }
            acts.push(act);
            givers.push(giver);
            let at = columns.settled(columns.position_of(row));
            let is_held = self.since(giver)?.surely.is_some_and(|since| since < at);
            is_open = is_unsure(act) || !is_held;
        }
        Some((acts, givers))
    }

    /// The acts by which data surely first came to the nodes, and some more that begin there. Cost: a step for each, and
    /// reading the rows from the first beginning among them on until one of an act.
    fn chains(&self, nodes: &[u32], acts: &mut Acts) {
        let columns = &self.laid.flows.columns;
        let mut begin: Vec<(Position, u32)> = Vec::new();
        let mut open = nodes.to_vec();
        let mut seen: FxHashSet<u32> = open.iter().copied().collect();
        while let Some(node) = open.pop() {
            let since = self.laid.flows.since(node, self.reading);
            match (since.surely, since.by) {
                (Some(_), Some(row)) => {
                    acts.laid_down.push(columns.label(row) - 1);
                    let from = columns.node_of(columns.ends_of(row).0);
                    if seen.insert(from) {
                        open.push(from);
                    }
                }
                (Some(at), None) => begin.push((at, node)),
                (None, _) => {}
            }
        }
        // No act of the record is between a beginning and the next act with a row but such as begin themselves.
        begin.sort_unstable_by_key(|(held, _)| std::cmp::Reverse(*held));
        let (mut looked_from, mut next) = (columns.rows(), u32::MAX);
        for (held, node) in begin {
            let from = held.row().min(looked_from);
            let mut acts_behind = (from..looked_from).filter(|row| columns.is_act(*row));
            next = acts_behind.next().map_or(next, |row| columns.label(row) - 1);
            looked_from = from;
            let doing = at_node(self.laid.flows.pairs(&self.laid.flows.parts.doing), node, 0);
            acts.laid_down.extend(doing.take_while(|act| *act <= next));
        }
    }

    /// Whether it is known since when something is first held at the node, if ever, and by which acts.
    fn is_settled(&self, node: u32) -> bool {
        let since = self.since(node).filter(|since| since.may == since.surely);
        let is_known = self.is_sure && since.is_some();
        is_known && !self.laid.flows.has(&self.laid.flows.parts.handed, node) && !self.may_be_earlier(node)
    }

    /// Whether something is deleted at the node, or handed over from there.
    fn is_ended(&self, node: u32) -> bool {
        let ends = |place| matches!(self.laid.act(place).1.kind, ActKind::Delete | ActKind::Assign);
        (self.is_laid_down(node) && self.laid.flows.has(&self.laid.flows.parts.ended, node))
            || self.laid.doing(node).any(ends)
    }

    /// Whether something may be held at the node earlier than what is laid down says.
    fn may_be_earlier(&self, node: u32) -> bool {
        let below = self.laid.settled.as_ref();
        self.earlier().contains_key(&node)
            || below.is_some_and(|settled| self.earlier_of(settled).contains_key(&node))
    }

    /// Since when something may be held at the node, if ever.
    pub(super) fn may_hold(&self, node: u32) -> Option<Moment> {
        let earlier = self.earlier().get(&node).copied();
        earlier.or_else(|| self.held_below(node))
    }

    /// The same by what is laid down alone.
    fn laid_down_since(&self, node: u32) -> Option<Moment> {
        Some(self.laid.overlay.moment_of(self.since(node)?.may?))
    }

    /// The same in full; nothing for a node that is laid over.
    pub(super) fn since(&self, node: u32) -> Option<Since> {
        self.is_laid_down(node)
            .then(|| self.laid.flows.since(node, self.reading))
    }

    /// Whether the node is one of the flows that are laid down.
    pub(super) fn is_laid_down(&self, node: u32) -> bool {
        node < self.laid.flows.columns.nodes()
    }

    /// Where the upper ones of the acts that are laid over may have brought something earlier. Cost: a look at each, and a search forward
    /// from what they change.
    pub(super) fn earlier(&self) -> &FxHashMap<u32, Moment> {
        self.earlier
            .get_or_init(|| self.news(&self.laid.top, |node| self.held_below(node)))
    }

    /// Since when something may be held at the node without the upper ones, if ever.
    fn held_below(&self, node: u32) -> Option<Moment> {
        let settled = self.laid.settled.as_ref();
        let earlier = settled.and_then(|settled| self.earlier_of(settled).get(&node).copied());
        earlier.or_else(|| self.laid_down_since(node))
    }

    /// The same as [`earlier`](Self::earlier) of the lower ones, which is the same for all searches.
    fn earlier_of<'s>(&self, settled: &'s Arc<Settled>) -> &'s FxHashMap<u32, Moment> {
        settled.earlier(self.reading).get_or_init(|| {
            let alone = Self::new(self.laid.flows, Some(Arc::clone(settled)), Vec::new());
            let alone = alone.under(self.reading, false);
            alone.news(&settled.over, |node| alone.laid_down_since(node))
        })
    }

    /// Where these acts may have brought something earlier than is known without them.
    fn news(&self, over: &Over, known: impl Fn(u32) -> Option<Moment>) -> FxHashMap<u32, Moment> {
        let begins = over.begun.iter().filter(|(_, place)| self.is_read(*place));
        let begun = begins.map(|(node, place)| {
            let since = lasts(&self.laid.act(*place).1).0;
            (*node, self.laid.overlay.moment(since, 0))
        });
        self.news_of(over, begun.collect(), known)
    }

    /// The same of what begins at these nodes and moments, and of what these acts carry.
    pub(super) fn news_of(
        &self,
        over: &Over,
        mut first: Vec<(u32, Moment)>,
        known: impl Fn(u32) -> Option<Moment>,
    ) -> FxHashMap<u32, Moment> {
        let is_news = |node: u32, at: Moment| known(node).is_none_or(|since| at < since);
        let carried = over.carried.iter().filter(|(_, place)| self.is_read(*place));
        first.extend(carried.filter_map(|(flow, _)| {
            let (opens, closes) = self.laid.overlay.stretch_of(flow);
            let held = known(flow.from)?;
            (held < closes).then_some((flow.to, held.max(opens)))
        }));
        first.retain(|(node, at)| is_news(*node, *at));
        let first: Vec<Beginning> = first
            .iter()
            .map(|(node, at)| self.beginning(*node, *at))
            .collect();
        let reach = Reach::by(&self.laid.overlay, &first, Moment::LAST, |step, life, at| {
            self.goes(step) && is_news(self.laid.overlay.node_of(life), at)
        });
        let at = |life| reach.arrival(life).unwrap_or(Moment::LAST);
        reach
            .lives()
            .map(|life| (self.laid.overlay.node_of(life), at(life)))
            .collect()
    }
}
