//! Acts that are laid over the flows of a family, and what they do there.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::super::reading::Reading;
use super::{Effect, Flows, Holding, count, effects, flag, lasts};
use crate::engine::{Layer, Log, Moment, Overlay, Standing, Ties};
use crate::model::fact::Act;
use crate::model::id::{FieldId, ProcessorId};
use crate::model::word::{ActKind, Carries};
use crate::store::Number;

/// Acts in any order, and what they do at which nodes.
#[derive(Debug, Default)]
pub(super) struct Over {
    pub(super) acts: Vec<(Number, Act)>,
    /// Each flow, and the place of its act; places count those of the acts below first.
    pub(super) carried: Vec<(Standing, usize)>,
    /// Where data begins, and by which act.
    pub(super) begun: Vec<(u32, usize)>,
    /// Holdings that neither the columns nor the acts below have, in the order of their nodes.
    pub(super) holdings: Vec<(ProcessorId, FieldId)>,
    nodes: FxHashMap<ProcessorId, Vec<(FieldId, u32)>>,
    /// What acts do at a node, and which only take from it.
    pub(super) doing: FxHashMap<u32, Vec<usize>>,
    pub(super) taking: FxHashMap<u32, Vec<usize>>,
    /// What holds of some act.
    flags: u32,
}

impl Over {
    fn new(flows: &Flows, below: Option<&Self>, acts: Vec<(Number, Act)>) -> Self {
        let nodes_below = flows.columns.nodes() + count(below.map_or(0, |below| below.holdings.len()));
        let mut over = Self::default();
        for ((_, act), place) in acts.iter().zip(below.map_or(0, |below| below.acts.len())..) {
            for (holds, flag) in [
                (act.kind == ActKind::Assign, flag::HANDS_OVER),
                (matches!(act.kind, ActKind::Delete | ActKind::Assign), flag::ENDS),
                (act.carries == Carries::Possible, flag::POSSIBLE),
                (act.at.standing().is_some(), flag::LASTS),
                (act.at.is_uncertain(), flag::UNCERTAIN),
            ] {
                over.flags |= if holds { flag } else { 0 };
            }
            let (since, until) = lasts(act);
            effects(act, |effect| {
                let mut node = |holding| {
                    let known = flows.node(holding);
                    let known = known.or_else(|| below.and_then(|below| below.node(holding)));
                    known.unwrap_or_else(|| over.add_node(holding, nodes_below))
                };
                match effect {
                    Effect::Flow(from, to) => {
                        let flow = Standing {
                            since,
                            order: 0,
                            until,
                            from: node(from),
                            to: node(to),
                            label: 1,
                        };
                        over.carried.push((flow, place));
                    }
                    Effect::Begins(holding) => {
                        let node = node(holding);
                        over.begun.push((node, place));
                        over.doing.entry(node).or_default().push(place);
                    }
                    Effect::Does(holding) => {
                        let node = node(holding);
                        over.doing.entry(node).or_default().push(place);
                    }
                    Effect::Takes(holding) => {
                        let node = node(holding);
                        over.taking.entry(node).or_default().push(place);
                    }
                }
            });
        }
        over.acts = acts;
        over
    }

    /// The node of a holding that only these acts have.
    pub(super) fn node(&self, (processor, field): Holding<'_>) -> Option<u32> {
        let of_processor = self.nodes.get(processor)?;
        let own = of_processor.iter().find(|(own, _)| own.as_str() == field);
        own.map(|(_, node)| *node)
    }

    fn add_node(&mut self, (processor, field): Holding<'_>, nodes_below: u32) -> u32 {
        if let Some(node) = self.node((processor, field)) {
            return node;
        }
        let node = nodes_below + count(self.holdings.len());
        let (processor, field) = (ProcessorId::from(processor), FieldId::from(field));
        self.holdings.push((processor.clone(), field.clone()));
        self.nodes.entry(processor).or_default().push((field, node));
        node
    }

    /// Whether it holds of some act.
    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    fn standing(&self) -> Vec<Standing> {
        self.carried.iter().map(|(flow, _)| *flow).collect()
    }
}

/// Acts that were laid over flows, kept for more than one search.
#[derive(Debug)]
pub struct Settled {
    pub(super) over: Over,
    layer: Arc<Layer>,
    /// For each reading, where something may be held earlier than the flows alone say, and since when; once somebody asks.
    earlier: [OnceLock<FxHashMap<u32, Moment>>; 4],
}

impl Settled {
    /// Lays the acts over the flows, over which alone they can be searched. Cost: about a microsecond for each.
    pub fn new(flows: &Flows, acts: Vec<(Number, Act)>) -> Self {
        let over = Over::new(flows, None, acts);
        let mut log = Log::new(Ties::Recorded, flows.columns.nodes() + count(over.holdings.len()));
        log.standing = over.standing();
        Self {
            layer: Arc::new(Overlay::new(&flows.columns, &log).into_layer()),
            over,
            earlier: Default::default(),
        }
    }

    /// The acts.
    pub fn acts(&self) -> &[(Number, Act)] {
        &self.over.acts
    }

    /// What is kept for the reading.
    pub(super) fn earlier(&self, reading: Reading) -> &OnceLock<FxHashMap<u32, Moment>> {
        &self.earlier[usize::from(reading.with_possible) | usize::from(reading.with_influence) << 1]
    }
}

/// Flows, and what is laid over them.
#[derive(Debug)]
pub(super) struct Laid<'f> {
    pub(super) flows: &'f Flows,
    pub(super) overlay: Overlay<'f>,
    pub(super) settled: Option<Arc<Settled>>,
    pub(super) top: Over,
}

impl<'f> Laid<'f> {
    pub(super) fn new(flows: &'f Flows, settled: Option<Arc<Settled>>, acts: Vec<(Number, Act)>) -> Self {
        let below = settled.as_ref().map(|settled| &settled.over);
        let top = Over::new(flows, below, acts);
        let holdings = below.map_or(0, |below| below.holdings.len()) + top.holdings.len();
        let nodes = flows.columns.nodes() + count(holdings);
        let layer = settled.as_ref().map(|settled| Arc::clone(&settled.layer));
        Self {
            overlay: Overlay::upon(&flows.columns, layer.unwrap_or_default(), &top.standing(), nodes),
            flows,
            settled,
            top,
        }
    }

    /// What is laid over the flows, the lower first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Over> {
        let settled = self.settled.as_ref().map(|settled| &settled.over);
        settled.into_iter().chain([&self.top])
    }

    /// The acts that are laid over, by their places.
    pub(super) fn acts(&self) -> impl Iterator<Item = &(Number, Act)> {
        self.all().flat_map(|over| &over.acts)
    }

    /// The act at a place.
    pub(super) fn act(&self, place: usize) -> &(Number, Act) {
        let below = self.settled.as_ref().map_or(&[][..], |settled| settled.acts());
        let own = place.checked_sub(below.len());
        own.map_or_else(|| &below[place], |own| &self.top.acts[own])
    }

    /// The place of the act that carries by the flow of this number.
    pub(super) fn act_of(&self, flow: u32) -> usize {
        let below: &[(Standing, usize)] = self.settled.as_ref().map_or(&[], |settled| &settled.over.carried);
        let own = (flow as usize).checked_sub(below.len());
        own.map_or_else(|| below[flow as usize].1, |own| self.top.carried[own].1)
    }

    /// The holdings that the columns do not have, in the order of their nodes.
    pub(super) fn holdings(&self) -> impl Iterator<Item = Holding<'_>> {
        let all = self.all().flat_map(|over| &over.holdings);
        all.map(|(processor, field)| (processor.as_str(), field.as_str()))
    }

    /// The node of a holding, if any act names it.
    pub(super) fn node(&self, holding: Holding<'_>) -> Option<u32> {
        let laid_down = self.flows.node(holding);
        laid_down.or_else(|| self.all().find_map(|over| over.node(holding)))
    }

    /// The places of the acts that do something at the node.
    pub(super) fn doing(&self, node: u32) -> impl Iterator<Item = usize> {
        self.all()
            .filter_map(move |over| over.doing.get(&node))
            .flatten()
            .copied()
    }

    /// The places of the acts that only take from the node.
    pub(super) fn taking(&self, node: u32) -> impl Iterator<Item = usize> {
        self.all()
            .filter_map(move |over| over.taking.get(&node))
            .flatten()
            .copied()
    }
}
