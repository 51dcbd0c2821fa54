//! What many questions have in common that differ in the acts of one person alone: where what they ask about may be without these.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::reading::Reading;
use super::search::Search;
use crate::engine::{Beginning, Moment, Reach};
use crate::model::time::Instant;

/// Where what is at some nodes may be, and surely is by an instant.
#[derive(Debug)]
pub struct Forward {
    reading: Reading,
    /// Since when it may be at a node, if ever.
    may: FxHashMap<u32, Moment>,
    pub(super) surely: Vec<u32>,
}

impl Forward {
    /// Whether the same acts count in it.
    pub(super) fn is_of(&self, reading: Reading) -> bool {
        self.reading == reading
    }
}

impl Search<'_> {
    /// Where what is at these nodes, or something made from it, may ever be, and surely is by the instant. Cost: two searches forward.
    pub fn forward(&self, sources: &[u32], until: Instant) -> Forward {
        let begin = |node: &u32| Some(self.beginning(*node, self.may_hold(*node)?));
        let begin: Vec<Beginning> = sources.iter().filter_map(begin).collect();
        let reach = Reach::by(&self.laid.overlay, &begin, Moment::LAST, |step, _, _| {
            self.goes(step)
        });
        let at = |life| reach.arrival(life).unwrap_or(Moment::LAST);
        let may = reach
            .lives()
            .map(|life| (self.laid.overlay.node_of(life), at(life)));
        Forward {
            reading: self.reading,
            may: may.collect(),
            surely: self.surely_reached(sources, until),
        }
    }

    /// The same search where it is known what a search without the upper ones of the acts that are laid over finds: of the same
    /// sources, and others that only these acts have, by the same acts, up to the same instant.
    #[must_use]
    pub fn beyond(self, common: &Arc<Forward>) -> Self {
        let common = Some(Arc::clone(common));
        Self { common, ..self }
    }

    /// The nodes at which what is at these may be: those that are known, and those to which the upper ones of the acts that are laid over
    /// have brought it. Cost: a look at each of these, and a search forward from what they change.
    pub(super) fn reached_beyond(&self, common: &Forward, sources: &[u32]) -> Vec<u32> {
        let known = |node: u32| common.may.get(&node).copied();
        let is_source = |node: &u32| sources.binary_search(node).is_ok();
        let begun = self.earlier().iter().filter(|(node, _)| is_source(node));
        let begun = begun.map(|(node, at)| (*node, *at)).collect();
        let news = self.news_of(&self.laid.top, begun, known);
        let new = news.into_keys().filter(|node| !common.may.contains_key(node));
        common.may.keys().copied().chain(new).collect()
    }
}
