//! An audit that is kept up while acts arrive, in whatever order they do.
//!
//! An act later than all before it costs one step: what its source holds by now is known. A late act is laid over the
//! graph: a search back finds the sources that held what it takes, a search forward what it can have changed. What is
//! found is at all times what an audit of everything from the beginning would find.

use std::collections::BTreeSet;

use super::columns::{Columns, Start};
use super::laid_over::{Beginning, Reach, Supply};
use super::lanes::{Lanes, Wide};
use super::layer::Step;
use super::log::{End, Flow, Log, Standing, Ties};
use super::moment::Moment;
use super::overlay::Overlay;
use super::policy::Policy;
use super::position::Position;
use super::sweep::{Carrier, Sweep};

/// An act that carries data of a source although its label forbids it, and the source's number.
pub type Wrong = (Step, u32);

/// The audit of up to 512 sources of a graph, and of everything that has come since.
///
/// Labels forbid without regard to time: acts under different authorizations have different labels.
pub struct Running<'c, F> {
    columns: &'c Columns,
    /// Where each source begins: its node and its position.
    starts: Vec<(u32, Position)>,
    forbids: F,
    over: Log,
    /// What each node holds by now.
    now: Vec<Wide>,
    found: BTreeSet<Wrong>,
    /// The last moment at which something happened.
    last: Option<(i64, u32)>,
}

impl<'c, F: Fn(u32, usize) -> bool> Running<'c, F> {
    /// Audits the graph as it is; `forbids(label, source)` decides. Cost: one pass over the graph.
    ///
    /// # Panics
    /// When there are more than 512 sources.
    pub fn new(columns: &'c Columns, labels: usize, starts: &[Start], forbids: F) -> Self {
        assert!(starts.len() <= Wide::COUNT, "a block has room for 512 sources");
        let classes: Vec<u32> = (0..super::column::number(labels)).collect();
        let policy = Policy::new(super::column::number(labels), classes, Vec::new());
        let mut found = BTreeSet::new();
        let mut sweep: Sweep<'_, Wide> = Sweep::new(columns, &policy, &forbids, starts.len());
        sweep.run(starts, &mut |by: Carrier, _: u32, _: Position, sources: Wide| {
            let step = match by {
                Carrier::Row(row) => Step::Row(row),
                Carrier::Piece(piece) => Step::Piece(piece),
            };
            found.extend(
                sources
                    .places()
                    .map(|source| (step, super::column::number(source))),
            );
        });
        let now = (0..columns.nodes())
            .map(|node| sweep.held()[columns.lives_of(node).end as usize - 1])
            .collect();
        let last = columns.rows().checked_sub(1).map(|row| (columns.instant(row), 0));
        Self {
            columns,
            starts: starts
                .iter()
                .map(|start| (columns.node_of(start.life), start.at))
                .collect(),
            forbids,
            over: Log::new(columns.ties(), columns.nodes()),
            now,
            found,
            last,
        }
    }

    /// Everything wrong by now, sorted.
    pub fn found(&self) -> &BTreeSet<Wrong> {
        &self.found
    }

    /// What has come since the graph was built. When it grows large, build the graph again with it.
    pub fn since(&self) -> &Log {
        &self.over
    }

    /// Takes in a flow; gives what is wrong now and was not before, sorted.
    pub fn flow(&mut self, flow: Flow) -> Vec<Wrong> {
        let place = super::column::number(self.over.flows.len());
        self.grow(flow.from.max(flow.to));
        let is_next = self.advance(flow.at, flow.order);
        self.over.flows.push(flow);
        if is_next {
            let carried = self.now[flow.from as usize];
            let target = &mut self.now[flow.to as usize];
            *target = target.or(carried);
            let wrong = carried
                .places()
                .filter(|source| (self.forbids)(flow.label, *source))
                .map(|source| (Step::Flow(place), super::column::number(source)));
            return wrong.filter(|wrong| self.found.insert(*wrong)).collect();
        }
        let overlay = Overlay::new(self.columns, &self.over);
        let at = overlay.moment(flow.at, flow.order);
        let taken = if self.columns.ties() == Ties::Any {
            at
        } else {
            at.just_before()
        };
        let source = overlay.life_at(flow.from, at);
        let sources = self.holding(
            &overlay,
            &[Beginning {
                life: source,
                at: taken,
            }],
        );
        let target = Beginning {
            life: overlay.life_at(flow.to, at),
            at,
        };
        let reach = Reach::new(&overlay, &[target], Moment::LAST);
        let mut carriers = reach.carriers(&overlay);
        carriers.push((Step::Flow(place), at));
        let mut new = Vec::new();
        for (step, _) in carriers {
            let label = label(&overlay, &self.over, step);
            for source in sources.iter().filter(|source| (self.forbids)(label, **source)) {
                let wrong = (step, super::column::number(*source));
                if self.found.insert(wrong) {
                    new.push(wrong);
                }
            }
        }
        let all = sources
            .iter()
            .fold(Wide::default(), |all, source| all.or(Wide::one(*source)));
        self.note(&overlay, &reach, all);
        new.sort_unstable();
        new
    }

    /// Takes in a standing flow; gives the sources that were judged anew.
    pub fn standing(&mut self, flow: Standing) -> Vec<usize> {
        self.grow(flow.from.max(flow.to));
        self.advance(
            flow.until.map_or(flow.since, |until| until.max(flow.since)),
            flow.order,
        );
        self.over.standing.push(flow);
        let overlay = Overlay::new(self.columns, &self.over);
        let wanted: Vec<Beginning> = overlay
            .held_during(&flow)
            .into_iter()
            .map(|(life, at)| Beginning { life, at })
            .collect();
        let sources = self.holding(&overlay, &wanted);
        self.judge_again(&sources);
        sources
    }

    /// Takes in an end; gives the sources that were judged anew.
    pub fn end(&mut self, end: End) -> Vec<usize> {
        self.grow(end.node);
        if self.advance(end.at, end.order) {
            self.over.ends.push(end);
            self.now[end.node as usize] = Wide::default();
            return Vec::new();
        }
        let overlay = Overlay::new(self.columns, &self.over);
        let before = overlay.moment(end.at, end.order).just_before();
        // The end may fall on a moment that nothing has happened at yet; what was held before it is the same.
        let held = [before, overlay.moment(end.at, end.order)].map(|at| Beginning {
            life: overlay.life_at(end.node, at),
            at: Moment::LAST,
        });
        let sources = self.holding(&overlay, &held);
        self.over.ends.push(end);
        self.judge_again(&sources);
        sources
    }

    /// Room for new nodes.
    fn grow(&mut self, node: u32) {
        self.over.nodes = self.over.nodes.max(node + 1);
        self.now.resize(self.over.nodes as usize, Wide::default());
    }

    /// Whether the act comes behind everything so far and no standing flow has to be minded; it is the last then.
    fn advance(&mut self, at: i64, order: u32) -> bool {
        let order = if self.columns.ties() == Ties::Recorded {
            order
        } else {
            0
        };
        let is_next = self.last.is_none_or(|last| last < (at, order));
        if is_next {
            self.last = Some((at, order));
        }
        is_next && self.over.standing.is_empty() && self.columns.pieces() == 0
    }

    /// The sources that can have supplied one of these.
    fn holding(&self, overlay: &Overlay<'_>, wanted: &[Beginning]) -> Vec<usize> {
        let supply = Supply::new(overlay, wanted);
        let begins = |(source, (node, at)): (usize, &(u32, Position))| {
            let begin = beginning(overlay, *node, *at);
            let latest = supply.latest(begin.life)?;
            (begin.at <= latest).then_some(source)
        };
        self.starts.iter().enumerate().filter_map(begins).collect()
    }

    /// Notes who holds by now what was reached.
    fn note(&mut self, overlay: &Overlay<'_>, reach: &Reach, sources: Wide) {
        for life in reach.lives().filter(|life| overlay.is_last(*life)) {
            let held = &mut self.now[overlay.node_of(life) as usize];
            *held = held.or(sources);
        }
    }

    /// Forgets what was found of these sources, and finds it again.
    fn judge_again(&mut self, sources: &[usize]) {
        if sources.is_empty() {
            return;
        }
        let overlay = Overlay::new(self.columns, &self.over);
        let all = sources
            .iter()
            .fold(Wide::default(), |all, source| all.or(Wide::one(*source)));
        self.found
            .retain(|(_, source)| all.and(Wide::one(*source as usize)).is_empty());
        for held in &mut self.now {
            *held = held.without(all);
        }
        for source in sources {
            let (node, at) = self.starts[*source];
            let reach = Reach::new(&overlay, &[beginning(&overlay, node, at)], Moment::LAST);
            for (step, _) in reach.carriers(&overlay) {
                if (self.forbids)(label(&overlay, &self.over, step), *source) {
                    self.found.insert((step, super::column::number(*source)));
                }
            }
            self.note(&overlay, &reach, Wide::one(*source));
        }
    }
}

fn beginning(overlay: &Overlay<'_>, node: u32, at: Position) -> Beginning {
    let at = overlay.moment_of(at);
    Beginning {
        life: overlay.life_at(node, at),
        at,
    }
}

fn label(overlay: &Overlay<'_>, over: &Log, step: Step) -> u32 {
    match step {
        Step::Flow(place) => over.flows[place as usize].label,
        Step::Standing(place) => over.standing[place as usize].label,
        Step::Row(_) | Step::Piece(_) => overlay.base_label(step).unwrap_or(super::NO_LABEL),
    }
}
