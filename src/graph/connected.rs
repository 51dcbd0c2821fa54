//! Which acts have anything to do with a field, however remotely.

use rustc_hash::{FxHashMap, FxHashSet};

use super::history::Act;
use super::number::{FieldNo, ProcessorNo};

/// The acts that some chain of acts connects with a holding of the field, in either direction, whoever acted when and about whom;
/// in order. What no act connects with them neither makes nor ends anything that these do, so that they are replayed
/// without it as with it. Cost: one look at each act, and at each of its holdings.
pub fn connected(acts: &[Act], field: FieldNo) -> Vec<Act> {
    let mut groups = Groups::default();
    let mut of_acts = Vec::with_capacity(acts.len());
    for act in acts {
        let together = |groups: &mut Groups, of_act: Option<u32>, place| {
            let here = groups.of(place);
            Some(of_act.map_or(here, |of_act| groups.join(of_act, here)))
        };
        of_acts.push(holdings(act).fold(None, |of_act, place| together(&mut groups, of_act, place)));
    }
    let wanted = groups.with(field);
    let is_wanted = |of_act: Option<u32>| of_act.is_some_and(|group| wanted.contains(&groups.root(group)));
    let kept = acts.iter().zip(of_acts).filter(|(_, of_act)| is_wanted(*of_act));
    kept.map(|(act, _)| act.clone()).collect()
}

/// A processor with a field.
type Place = (ProcessorNo, FieldNo);

/// Every holding that the act can have to do with, and some more. Where a collection says that the data came from has nothing
/// to do with what is held there.
fn holdings(act: &Act) -> impl Iterator<Item = Place> + '_ {
    let who = [Some(act.actor), act.recipient];
    who.into_iter().flatten().flat_map(|processor| {
        let fields = act.fields.iter().chain(act.makes.iter());
        fields.map(move |field| (processor, *field))
    })
}

/// Holdings in groups: each is led to another one of its group, and one of each group to itself.
#[derive(Default)]
struct Groups {
    numbers: FxHashMap<Place, u32>,
    leads_to: Vec<u32>,
}

impl Groups {
    /// The group of a holding, by its root for now.
    fn of(&mut self, place: Place) -> u32 {
        let next = u32::try_from(self.leads_to.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(place).or_insert(next);
        if number == next {
            self.leads_to.push(next);
        }
        self.shorten(number)
    }

    /// Makes one group of two; gives its root.
    fn join(&mut self, one: u32, other: u32) -> u32 {
        let (one, other) = (self.shorten(one), self.shorten(other));
        self.leads_to[other as usize] = one;
        one
    }

    /// The root of a group; on the way each is led further, so that ways stay short.
    fn shorten(&mut self, mut number: u32) -> u32 {
        loop {
            let next = self.leads_to[number as usize];
            let after = self.leads_to[next as usize];
            if next == after {
                return next;
            }
            self.leads_to[number as usize] = after;
            number = after;
        }
    }

    fn root(&self, mut number: u32) -> u32 {
        while self.leads_to[number as usize] != number {
            number = self.leads_to[number as usize];
        }
        number
    }

    /// The roots of the groups that have a holding of the field.
    fn with(&self, field: FieldNo) -> FxHashSet<u32> {
        let of_field = self.numbers.iter().filter(|((_, of), _)| *of == field);
        of_field.map(|(_, number)| self.root(*number)).collect()
    }
}
