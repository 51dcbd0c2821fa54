//! A list in order that shares with the lists made from it all that they have in common.
//!
//! It lies in chunks of some hundreds of items. A change makes those chunks anew in which it takes or puts something; of all
//! others both lists hold the same one. Marks on a chunk, numbers made from names, tell a change which ones it can pass by.

use std::cmp::Ordering;
use std::hash::Hasher as _;
use std::ops::Index;
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashSet, FxHasher};

/// So many items lie in a chunk at most: a change copies some chunks, and passes by all others one by one.
pub const ITEMS_A_CHUNK: usize = 512;

/// What is looked for in a list: a name as a number. Different names may have the same one.
pub type Mark = u32;

/// The mark of a name.
pub fn mark(name: &str) -> Mark {
    let mut hasher = FxHasher::default();
    hasher.write(name.as_bytes());
    // The upper half of the bits; it always fits.
    u32::try_from(hasher.finish() >> 32).unwrap_or_default()
}

/// What can stand in a list.
pub trait Item: Clone {
    /// Which of two comes first.
    fn order(&self, other: &Self) -> Ordering;

    /// The marks under which a change looks for it.
    fn marks(&self) -> impl Iterator<Item = Mark>;

    /// Those under which others look for it; they are made when the first one does.
    fn traits(&self) -> impl Iterator<Item = Mark> {
        std::iter::empty()
    }
}

/// Items in order. A copy costs a word for each chunk.
#[derive(Clone, Debug)]
pub struct List<T> {
    most: usize,
    parts: Vec<Part<T>>,
}

#[derive(Clone, Debug)]
struct Part<T> {
    /// The place of its first item in the list.
    first: usize,
    chunk: Arc<Chunk<T>>,
}

/// Some items, never none.
#[derive(Debug)]
struct Chunk<T> {
    items: Vec<T>,
    /// Those of all items, in order and without doubles.
    marks: Box<[Mark]>,
    /// Those under which others look for an item, each with its place in the chunk.
    traits: OnceLock<Box<[(Mark, usize)]>>,
}

impl<T: Item> List<T> {
    /// Of items that are in order, at most so many to a chunk.
    pub fn new(items: Vec<T>, most: usize) -> Self {
        let mut making = Making::new(most, 0);
        making.extend(items);
        making.finish()
    }

    /// The same without those marked items that `is_gone` says, and with the fresh ones, which are in order; they stand
    /// behind equal ones that stay. Cost: the marks of all chunks are looked at; chunks in which something comes or goes are
    /// copied.
    #[must_use]
    pub fn with(&self, marked: &Marks, is_gone: impl Fn(&T) -> bool, fresh: Vec<T>) -> Self {
        let is_gone = |item: &T| item.marks().any(|mark| marked.has(mark)) && is_gone(item);
        let mut making = Making::new(self.most, self.parts.len());
        let mut fresh = fresh.into_iter().peekable();
        let mut place = fresh.peek().map(|next| self.part_of(next));
        for (number, Part { chunk, .. }) in self.parts.iter().enumerate() {
            let has_fresh = place == Some(number);
            let has_gone = marked.meet(&chunk.marks) && chunk.items.iter().any(is_gone);
            if !has_fresh && !has_gone {
                making.share(chunk);
                continue;
            }
            let kept: Vec<&T> = chunk.items.iter().filter(|item| !is_gone(item)).collect();
            let mut kept = kept.as_slice();
            if has_fresh {
                let behind = self.parts.get(number + 1).map(|part| &part.chunk.items[0]);
                let is_here = |next: &T| behind.is_none_or(|behind| next.order(behind).is_lt());
                while let Some(next) = fresh.next_if(is_here) {
                    let before = count_before(kept, |kept| kept.order(&next).is_le());
                    making.extend(kept[..before].iter().copied().cloned());
                    making.push(next);
                    kept = &kept[before..];
                }
                place = fresh.peek().map(|next| self.part_of(next));
            }
            making.extend(kept.iter().copied().cloned());
        }
        making.extend(fresh);
        making.finish()
    }

    /// The items that have one of these traits, and perhaps some others. Cost: the first time, a pass over all items; later one
    /// over the marks of all, and over the items of chunks that were made since.
    pub fn perhaps(&self, traits: Marks) -> impl Iterator<Item = &T> {
        self.parts.iter().flat_map(move |Part { chunk, .. }| {
            let of_each = || {
                let items = (0..).zip(&chunk.items);
                items.flat_map(|(place, item)| item.traits().map(move |mark| (mark, place)))
            };
            let theirs = chunk.traits.get_or_init(|| of_each().collect());
            let found = theirs.iter().filter(|(mark, _)| traits.has(*mark));
            let mut places: Vec<usize> = found.map(|(_, place)| *place).collect();
            places.dedup();
            places.into_iter().map(|place| &chunk.items[place])
        })
    }

    /// The part into which the item falls: the last one that begins with one that is equal or before.
    fn part_of(&self, item: &T) -> usize {
        let begins_before = |part: &Part<T>| part.chunk.items[0].order(item).is_le();
        self.parts.partition_point(begins_before).saturating_sub(1)
    }
}

impl<T> List<T> {
    /// So many items lie in a chunk at most.
    pub fn most(&self) -> usize {
        self.most
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.parts.last().map_or(0, Part::end)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.parts.iter().flat_map(|part| &part.chunk.items)
    }

    /// That at this place.
    pub fn get(&self, place: usize) -> Option<&T> {
        let number = self.parts.partition_point(|part| part.end() <= place);
        let part = self.parts.get(number)?;
        part.chunk.items.get(place - part.first)
    }

    /// Those in chunks that the other list does not hold too. Cost: one pass over the chunks of both.
    pub fn unshared<'l>(&'l self, other: &Self) -> impl Iterator<Item = &'l T> {
        let others: FxHashSet<*const Chunk<T>> =
            other.parts.iter().map(|part| Arc::as_ptr(&part.chunk)).collect();
        let own = self.parts.iter();
        own.filter(move |part| !others.contains(&Arc::as_ptr(&part.chunk)))
            .flat_map(|part| &part.chunk.items)
    }
}

impl<T: Clone> List<T> {
    /// The items alone; those that no other list holds are not copied.
    pub fn into_items(self) -> impl Iterator<Item = T> {
        self.parts
            .into_iter()
            .flat_map(|part| match Arc::try_unwrap(part.chunk) {
                Ok(chunk) => chunk.items,
                Err(shared) => shared.items.clone(),
            })
    }
}

impl<T> Index<usize> for List<T> {
    type Output = T;

    fn index(&self, place: usize) -> &T {
        let part = &self.parts[self.parts.partition_point(|part| part.end() <= place)];
        &part.chunk.items[place - part.first]
    }
}

impl<T> Part<T> {
    fn end(&self) -> usize {
        self.first + self.chunk.items.len()
    }
}

/// A list while it is made. Two chunks beside each other always have more items together than half a chunk has at most.
struct Making<T> {
    most: usize,
    parts: Vec<Part<T>>,
    /// What comes behind these, not in a chunk yet.
    open: Vec<T>,
}

impl<T: Item> Making<T> {
    fn new(most: usize, parts: usize) -> Self {
        Self {
            most: most.max(1),
            parts: Vec::with_capacity(parts),
            open: Vec::new(),
        }
    }

    fn extend(&mut self, items: impl IntoIterator<Item = T>) {
        for item in items {
            self.push(item);
        }
    }

    fn push(&mut self, item: T) {
        self.open.push(item);
        if self.open.len() >= self.most.saturating_mul(2) {
            let full = self.open.drain(..self.most).collect();
            self.add(full);
        }
    }

    /// Another list's chunk comes next, the same one unless it is so small that it goes with what is beside it.
    fn share(&mut self, chunk: &Arc<Chunk<T>>) {
        let is_small = |beside: usize| beside + chunk.items.len() <= self.most / 2;
        if self.open.is_empty()
            && let Some(last) = self.parts.pop_if(|last| is_small(last.chunk.items.len()))
        {
            self.open.extend_from_slice(&last.chunk.items);
        }
        if !self.open.is_empty() {
            if is_small(self.open.len()) {
                self.open.extend_from_slice(&chunk.items);
                return;
            }
            self.close();
        }
        self.link(Arc::clone(chunk));
    }

    fn close(&mut self) {
        let (most, beside) = (self.most, self.open.len());
        let is_small = |last: &mut Part<T>| last.chunk.items.len() + beside <= most / 2;
        if let Some(last) = self.parts.pop_if(is_small) {
            self.open.splice(..0, last.chunk.items.iter().cloned());
        }
        let chunks = self.open.len().div_ceil(most);
        let mut open = std::mem::take(&mut self.open).into_iter();
        for left in (1..=chunks).rev() {
            let some = open.len().div_ceil(left);
            let items = open.by_ref().take(some).collect();
            self.add(items);
        }
    }

    fn add(&mut self, items: Vec<T>) {
        let marks = in_order(items.iter().flat_map(Item::marks).collect());
        self.link(Arc::new(Chunk {
            items,
            marks,
            traits: OnceLock::new(),
        }));
    }

    fn link(&mut self, chunk: Arc<Chunk<T>>) {
        let first = self.parts.last().map_or(0, Part::end);
        self.parts.push(Part { first, chunk });
    }

    fn finish(mut self) -> List<T> {
        self.close();
        List {
            most: self.most,
            parts: self.parts,
        }
    }
}

/// How many of these, which are in order, come before something. Cost: that of the logarithm of how many.
fn count_before<T>(items: &[&T], is_before: impl Fn(&T) -> bool) -> usize {
    let mut step = 1;
    while items.get(step - 1).is_some_and(|item| is_before(item)) {
        step *= 2;
    }
    let (known, end) = (step / 2, items.len().min(step - 1));
    known + items[known..end].partition_point(|item| is_before(item))
}

/// In order and without doubles.
fn in_order(mut marks: Vec<Mark>) -> Box<[Mark]> {
    marks.sort_unstable();
    marks.dedup();
    marks.into_boxed_slice()
}

/// Marks that are looked for.
#[derive(Debug)]
pub struct Marks {
    sorted: Box<[Mark]>,
    /// One bit for each last sixteen bits of a mark: most of what is not looked for is told by it.
    bits: Vec<u64>,
}

impl Marks {
    /// These.
    pub fn new(marks: impl Iterator<Item = Mark>) -> Self {
        let sorted = in_order(marks.collect());
        let mut bits = vec![0; 1 << 10];
        for mark in &sorted {
            let (word, bit) = bit_of(*mark);
            bits[word] |= bit;
        }
        Self { sorted, bits }
    }

    fn has(&self, mark: Mark) -> bool {
        let (word, bit) = bit_of(mark);
        self.bits[word] & bit != 0 && self.sorted.binary_search(&mark).is_ok()
    }

    /// Whether one of these, which are in order, is looked for. Cost: a few are searched among them; of many, each of
    /// these is looked at.
    fn meet(&self, marks: &[Mark]) -> bool {
        /// To search costs as much as to look at so many.
        const SEARCH: usize = 32;
        if self.sorted.len() * SEARCH < marks.len() {
            self.sorted.iter().any(|mark| marks.binary_search(mark).is_ok())
        } else {
            marks.iter().any(|mark| self.has(*mark))
        }
    }
}

/// In which word its bit is, and the bit there.
fn bit_of(mark: Mark) -> (usize, u64) {
    let low = mark & 0xffff;
    (usize::try_from(low >> 6).unwrap_or_default(), 1 << (low & 63))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;
    use std::sync::Arc;

    use super::{Chunk, Item, List, Mark, Marks, mark};

    /// Stands at a place among the others, has two names, and is told from equal ones by its number.
    #[derive(Clone, Debug, PartialEq)]
    struct Card {
        place: u32,
        names: [u32; 2],
        number: u32,
    }

    impl Item for Card {
        fn order(&self, other: &Self) -> Ordering {
            self.place.cmp(&other.place)
        }

        /// Several names have the same one.
        fn marks(&self) -> impl Iterator<Item = Mark> {
            self.names.into_iter().map(|name| name % 40)
        }
    }

    /// Stands at a place of its own, and has one name.
    #[derive(Clone, Debug)]
    struct Named(u32);

    impl Item for Named {
        fn order(&self, other: &Self) -> Ordering {
            self.0.cmp(&other.0)
        }

        fn marks(&self) -> impl Iterator<Item = Mark> {
            std::iter::once(mark(&self.0.to_string()))
        }
    }

    struct Draw(u64);

    impl Draw {
        fn below(&mut self, limit: u32) -> u32 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            u32::try_from(self.0 >> 33).expect("31 bits") % limit
        }

        /// Up to so many cards in order, with numbers from this one on.
        fn cards(&mut self, most: u32, numbers: &mut u32) -> Vec<Card> {
            let mut cards: Vec<Card> = (0..self.below(most + 1))
                .map(|_| {
                    *numbers += 1;
                    Card {
                        place: self.below(12),
                        names: [self.below(60), self.below(60)],
                        number: *numbers,
                    }
                })
                .collect();
            cards.sort_by(Card::order);
            cards
        }
    }

    fn chunks<T>(list: &List<T>) -> Vec<*const Chunk<T>> {
        list.parts.iter().map(|part| Arc::as_ptr(&part.chunk)).collect()
    }

    fn hold(list: &List<Card>, plain: &[Card]) {
        assert_eq!(list.iter().collect::<Vec<_>>(), plain.iter().collect::<Vec<_>>());
        assert_eq!((list.len(), list.is_empty()), (plain.len(), plain.is_empty()));
        for (place, card) in plain.iter().enumerate() {
            assert_eq!((list.get(place), &list[place]), (Some(card), card));
        }
        assert_eq!(list.get(plain.len()), None);
        let lengths: Vec<usize> = list.parts.iter().map(|part| part.chunk.items.len()).collect();
        assert!(
            lengths.iter().all(|length| (1..=list.most).contains(length)),
            "{lengths:?}"
        );
        let beside = lengths.windows(2).map(|two| two[0] + two[1]);
        assert!(
            beside.min().is_none_or(|least| least > list.most / 2),
            "{lengths:?}"
        );
    }

    #[test]
    fn a_changed_list_is_what_a_plain_one_is_and_the_one_before_stays() {
        let mut draw = Draw(5);
        let (mut shared, mut anew, mut emptied, mut split) = (0, 0, 0, 0);
        for round in 0..400 {
            let most = [1, 2, 3, 4, 7, 16][round % 6];
            let mut numbers = 0;
            let mut plain = draw.cards(60, &mut numbers);
            let mut list = List::new(plain.clone(), most);
            hold(&list, &plain);
            for _ in 0..20 {
                let many = [1, 3, 60][usize::try_from(draw.below(3)).expect("few")];
                let names: Vec<u32> = (0..draw.below(many + 1)).map(|_| draw.below(60)).collect();
                let is_gone = |card: &Card| card.names.iter().any(|name| names.contains(name));
                let some = [0, 1, 2, 20][usize::try_from(draw.below(4)).expect("few")];
                let fresh = draw.cards(some, &mut numbers);
                let marks = Marks::new(names.iter().map(|name| name % 40));
                let before = (list.clone(), plain.clone());
                list = list.with(&marks, is_gone, fresh.clone());
                plain.retain(|card| !is_gone(card));
                for card in fresh {
                    let place = plain.partition_point(|other| other.order(&card).is_le());
                    plain.insert(place, card);
                }
                hold(&list, &plain);
                hold(&before.0, &before.1);
                let unshared: Vec<&Card> = list.unshared(&before.0).collect();
                for card in plain.iter().filter(|card| !unshared.contains(card)) {
                    assert!(before.1.contains(card), "{card:?} came with no chunk of its own");
                }
                let old = chunks(&before.0);
                let both = chunks(&list).iter().filter(|chunk| old.contains(chunk)).count();
                shared += both;
                anew += list.parts.len() - both;
                emptied += usize::from(plain.is_empty() && !before.1.is_empty());
                split += usize::from(list.parts.len() > old.len());
            }
            assert_eq!(list.clone().into_items().collect::<Vec<_>>(), plain);
            assert_eq!(list.into_items().collect::<Vec<_>>(), plain);
        }
        assert!(
            shared > 10_000 && anew > 10_000 && emptied > 100 && split > 1_000,
            "{shared} shared, {anew} anew, {emptied} emptied, {split} split"
        );
    }

    #[test]
    fn a_change_makes_those_chunks_anew_that_it_is_about() {
        let list = List::new((0..1_000).map(Named).collect(), 10);
        let same = list.with(&Marks::new(std::iter::empty()), |_| true, Vec::new());
        assert_eq!(chunks(&same), chunks(&list));
        // What is marked and stays leaves all as it is; so does what is gone and not marked.
        let marks = |number: u32| Marks::new(std::iter::once(mark(&number.to_string())));
        let same = list.with(&marks(555), |_| false, Vec::new());
        assert_eq!(chunks(&same), chunks(&list));
        let less = list.with(&marks(555), |_| true, Vec::new());
        assert_eq!((less.len(), less.unshared(&list).count()), (999, 9));
        let more = list.with(&marks(5_555), |_| true, vec![Named(555)]);
        assert_eq!((more.len(), more.unshared(&list).count()), (1_001, 11));
        // Among many marks a few are searched.
        let long = List::new((0..1_000).map(Named).collect(), 500);
        for number in [0, 1, 250, 499, 500, 998, 999] {
            let less = long.with(&marks(number), |item| item.0 == number, Vec::new());
            assert_eq!((less.len(), less.unshared(&long).count()), (999, 499), "{number}");
        }
        // Of many marks those that nothing has are as good as none.
        let many = Marks::new(
            (5_000..9_000)
                .chain([555])
                .map(|number| mark(&number.to_string())),
        );
        let less = list.with(&many, |_| true, Vec::new());
        assert_eq!((less.len(), less.unshared(&list).count()), (999, 9));
    }
}
