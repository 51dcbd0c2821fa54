//! What lies inside what: systems inside companies, companies inside groups, as time goes by.
//!
//! A processor lies inside one other at most at a time, or inside none. What names a processor names all that lies inside
//! it, at the instant that is looked at; a processor is inside itself.

use super::listed::Listed;
use super::number::{Names, Number as _, ProcessorNo};
use crate::model::fact::Processor;
use crate::model::id::{Country, ProcessorId};
use crate::model::time::Instant;
use crate::model::word::ProcessorKind;

/// For each processor what is around it, and since when.
#[derive(Clone, Debug, Default)]
pub struct Nesting {
    /// In time order; `None` of the first is before all instants, `None` of the second is nothing. Empty for processors
    /// that nothing ever is around.
    around: Vec<Box<[Change]>>,
    is_any: bool,
}

type Change = (Option<Instant>, Option<ProcessorNo>);

impl Nesting {
    /// Numbers what the processors say, which come in the order of their numbers. A name that is unknown is no
    /// processor around anything.
    pub fn new(facts: &[Processor], names: &Names<ProcessorId, ProcessorNo>) -> Self {
        let around: Vec<Box<[Change]>> = facts.iter().map(|fact| changes(fact, names)).collect();
        let is_any = around.iter().any(|changes| !changes.is_empty());
        Self { around, is_any }
    }

    /// Whether anything ever lies inside anything.
    pub fn is_any(&self) -> bool {
        self.is_any
    }

    /// What is right around the processor at the instant.
    fn outer(&self, processor: ProcessorNo, at: Instant) -> Option<ProcessorNo> {
        let changes = &self.around[processor.index()];
        let last = changes.partition_point(|(since, _)| since.is_none_or(|since| since <= at));
        changes[..last].last()?.1
    }

    /// The processor and what is around it at the instant, from the inside out. Ends, whatever the record says.
    pub fn around(&self, processor: ProcessorNo, at: Instant) -> impl Iterator<Item = ProcessorNo> {
        std::iter::successors(Some(processor), move |inner| self.outer(*inner, at)).take(self.around.len())
    }

    /// The processor and all that is around it at some time, itself first.
    fn ever_around(&self, processor: ProcessorNo) -> Vec<ProcessorNo> {
        let mut all = vec![processor];
        let mut next = 0;
        while let Some(inner) = all.get(next).copied() {
            next += 1;
            for outer in self.around[inner.index()].iter().filter_map(|(_, outer)| *outer) {
                if !all.contains(&outer) {
                    all.push(outer);
                }
            }
        }
        all
    }
}

fn changes(fact: &Processor, names: &Names<ProcessorId, ProcessorNo>) -> Box<[Change]> {
    let known = |id: &ProcessorId| names.get(id).filter(|_| *id != fact.id);
    let first = fact.inside.iter().map(|id| (None, known(id)));
    let moves = fact.moves.iter();
    let later = moves.filter_map(|change| Some((Some(change.at), known(change.inside.as_ref()?))));
    let all: Vec<Change> = first.chain(later).collect();
    if all.iter().any(|(_, outer)| outer.is_some()) {
        all.into()
    } else {
        Box::default()
    }
}

/// A change of the country that a processor is in, its own or that of what is around it.
#[derive(Clone, Copy, Debug)]
pub struct Relocation<'t> {
    /// From this instant on.
    pub at: Instant,
    /// Where it was.
    pub from: Option<&'t Country>,
    /// Where it is.
    pub to: &'t Country,
}

impl super::Things {
    /// What all processors say, if one ever lies inside another; else nothing.
    pub fn nested(&self) -> &[Processor] {
        if self.nesting.is_any() {
            self.processor_facts()
        } else {
            &[]
        }
    }

    /// The processors that ever are or lie inside this one, in the order of their numbers.
    pub fn ever_within(&self, of: ProcessorNo) -> Vec<ProcessorNo> {
        if !self.nesting.is_any() {
            return vec![of];
        }
        let all = self.processors().all();
        all.filter(|processor| self.ever_around(*processor).contains(&of))
            .collect()
    }

    /// Whether any processor ever lies inside another.
    pub fn is_nested(&self) -> bool {
        self.nesting.is_any()
    }

    /// The processor and what is around it at the instant, from the inside out: whoever is named by one of these, the
    /// processor is meant.
    pub fn around(&self, processor: ProcessorNo, at: Instant) -> impl Iterator<Item = ProcessorNo> {
        self.nesting.around(processor, at)
    }

    /// The processor and all that is around it at some time, itself first.
    pub fn ever_around(&self, processor: ProcessorNo) -> Vec<ProcessorNo> {
        self.nesting.ever_around(processor)
    }

    /// Whether the processor is this one, or lies inside it at the instant.
    pub fn is_within(&self, processor: ProcessorNo, of: ProcessorNo, at: Instant) -> bool {
        processor == of || (self.nesting.is_any() && self.around(processor, at).any(|outer| outer == of))
    }

    /// Whether the processor is one of these, or lies inside one at the instant.
    pub fn is_within_any(&self, processor: ProcessorNo, of: &[ProcessorNo], at: Instant) -> bool {
        of.iter().any(|of| self.is_within(processor, *of, at))
    }

    /// The same of a list that was made to be asked often.
    pub fn is_within_listed(&self, processor: ProcessorNo, of: &Listed<ProcessorNo>, at: Instant) -> bool {
        of.has(processor) || (self.nesting.is_any() && self.around(processor, at).any(|outer| of.has(outer)))
    }

    /// The organization of a processor at the instant: the outermost around it that is no group.
    pub fn organization(&self, processor: ProcessorNo, at: Instant) -> ProcessorNo {
        if !self.nesting.is_any() {
            return processor;
        }
        let is_group = |outer: &ProcessorNo| self.processor(*outer).kind == ProcessorKind::Group;
        let outside = self
            .around(processor, at)
            .skip(1)
            .take_while(|outer| !is_group(outer));
        outside.last().unwrap_or(processor)
    }

    /// Whether two different processors are of one organization at the instant: what flows between them goes to nobody
    /// else.
    pub fn is_one_organization(&self, a: ProcessorNo, b: ProcessorNo, at: Instant) -> bool {
        a != b && self.nesting.is_any() && self.organization(a, at) == self.organization(b, at)
    }

    /// What the organization of the processor is: a system inside an authority is an authority's.
    pub fn kind_at(&self, processor: ProcessorNo, at: Instant) -> ProcessorKind {
        self.processor(self.organization(processor, at)).kind
    }

    /// Where the processor is at the instant: where it says, else where what is around it is.
    pub fn country_at(&self, processor: ProcessorNo, at: Instant) -> Option<&Country> {
        self.around(processor, at)
            .find_map(|outer| self.own_country(outer, at))
    }

    fn own_country(&self, processor: ProcessorNo, at: Instant) -> Option<&Country> {
        let fact = self.processor(processor);
        fact.moves
            .iter()
            .rev()
            .filter(|change| change.at <= at)
            .find_map(|change| change.country.as_ref())
            .or(fact.country.as_ref())
    }

    /// The instants at which where the processor is, or what is around it, may change; in no order.
    pub fn moves_of(&self, processor: ProcessorNo) -> Vec<Instant> {
        let moves = |outer: ProcessorNo| self.processor(outer).moves.iter().map(|change| change.at);
        let around = self.nesting.ever_around(processor);
        around.into_iter().flat_map(moves).collect()
    }

    /// The moves of a processor from country to country, in time order: those that it says, and where something ever is
    /// around it, those by which its country changes.
    pub fn relocations(&self, processor: ProcessorNo) -> Vec<Relocation<'_>> {
        let fact = self.processor(processor);
        if self.nesting.ever_around(processor).len() == 1 {
            let mut from = fact.country.as_ref();
            let said = fact.moves.iter().filter_map(|change| {
                let to = change.country.as_ref()?;
                let from = from.replace(to);
                Some(Relocation {
                    at: change.at,
                    from,
                    to,
                })
            });
            return said.collect();
        }
        let mut instants = self.moves_of(processor);
        instants.sort_unstable();
        instants.dedup();
        let changed = |at: Instant| {
            let from = self.country_at(processor, at.just_before());
            let to = self.country_at(processor, at)?;
            (from != Some(to)).then_some(Relocation { at, from, to })
        };
        instants.into_iter().filter_map(changed).collect()
    }

    /// Whether two processors are affiliated at the instant: one group is named by them, or by the nearest around them
    /// that names one, or a processor of kind group is around both.
    pub fn are_affiliated(&self, a: ProcessorNo, b: ProcessorNo, at: Instant) -> bool {
        let named = |p| {
            self.around(p, at)
                .find_map(|outer| self.processor(outer).group.as_ref())
        };
        let is_shared = |outer: ProcessorNo| {
            self.processor(outer).kind == ProcessorKind::Group && self.is_within(b, outer, at)
        };
        let name = named(a);
        (name.is_some() && name == named(b)) || (self.nesting.is_any() && self.around(a, at).any(is_shared))
    }

    /// Whether the processor, and all that is around it at the instant, has its data lawfully.
    pub fn is_lawful_source(&self, processor: ProcessorNo, at: Instant) -> bool {
        self.around(processor, at)
            .all(|outer| self.processor(outer).lawful_source)
    }
}
