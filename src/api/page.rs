//! Lists in pages, as Relay has them.

use async_graphql::connection::{CursorType as _, OpaqueCursor, PageInfo};
use async_graphql::{Object, OutputType, Result, SimpleObject};

use super::catalogue::{Category, Field, Processor, Purpose};
use super::error;
use super::finding::Finding;

/// The size of a page when none is given.
const SIZE_DEFAULT: usize = 50;
/// The largest page.
const SIZE_MAX: usize = 500;
/// More than any operation may cost; a product of page sizes stops here and cannot overflow.
const COST_MAX: usize = 1_000_000;

/// An entry of a list.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "FindingEdge", params(Finding)),
    concrete(name = "ProcessorEdge", params(Processor)),
    concrete(name = "FieldEdge", params(Field)),
    concrete(name = "PurposeEdge", params(Purpose)),
    concrete(name = "CategoryEdge", params(Category))
)]
pub struct Edge<T: OutputType> {
    /// Says where the entry stands in the list, for `after` and `before`.
    cursor: String,
    /// The entry.
    node: T,
}

/// A page of a list.
pub struct Page<T: OutputType> {
    edges: Vec<Edge<T>>,
    has_previous: bool,
    has_next: bool,
    total: usize,
}

/// A page of a list.
#[Object(
    concrete(name = "FindingConnection", params(Finding)),
    concrete(name = "ProcessorConnection", params(Processor)),
    concrete(name = "FieldConnection", params(Field)),
    concrete(name = "PurposeConnection", params(Purpose)),
    concrete(name = "CategoryConnection", params(Category))
)]
impl<T: OutputType> Page<T>
where
    Edge<T>: OutputType,
{
    /// The entries of the page with their cursors.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The entries of the page.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Whether there are more pages, and how to ask for them.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// How many entries there are in all pages together.
    async fn total_count(&self) -> Option<usize> {
        Some(self.total)
    }
}

/// Which page is wanted.
pub struct Wanted {
    /// This many from the beginning.
    pub first: Option<i32>,
    /// Behind the entry of this cursor.
    pub after: Option<String>,
    /// This many from the end.
    pub last: Option<i32>,
    /// Before the entry of this cursor.
    pub before: Option<String>,
}

/// The page that is wanted of a list of so many, each at its place. `key` names an entry, so that a cursor still finds it when the list has
/// grown; `make` makes the node. Cost: one pass over the list if a cursor's entry has moved, otherwise the page.
pub fn cut<'i, I: 'i + ?Sized, T: OutputType>(
    count: usize,
    item: impl Fn(usize) -> &'i I,
    wanted: &Wanted,
    key: impl Fn(&I) -> String,
    make: impl Fn(&I) -> T,
) -> Result<Page<T>> {
    let key = |place: usize| key(item(place));
    let (size, is_backward) = match (wanted.first, wanted.last) {
        (Some(_), Some(_)) => return Err(error::input("give `first` or `last`, not both")),
        (first, None) => (size("first", first)?, false),
        (None, Some(last)) => (size("last", Some(last))?, true),
    };
    let start = match &wanted.after {
        Some(cursor) => position("after", cursor, count, &key)? + 1,
        None => 0,
    };
    let end = match &wanted.before {
        Some(cursor) => position("before", cursor, count, &key)?,
        None => count,
    };
    let end = end.max(start);
    let (from, until) = if is_backward {
        (end.saturating_sub(size).max(start), end)
    } else {
        (start, (start + size).min(end))
    };
    let edges = (from..until).map(|index| Edge {
        cursor: OpaqueCursor((index, key(index))).encode_cursor(),
        node: make(item(index)),
    });
    Ok(Page {
        edges: edges.collect(),
        has_previous: from > 0,
        has_next: until < count,
        total: count,
    })
}

/// What a page costs: its size times the cost of an entry.
pub fn cost(first: Option<i32>, last: Option<i32>, entry: usize) -> usize {
    let size = first.or(last).map_or(SIZE_DEFAULT, |size| {
        // Sizes that will be refused cost as much as the largest that will not.
        usize::try_from(size).unwrap_or(0).min(SIZE_MAX)
    });
    size.saturating_mul(entry).min(COST_MAX)
}

fn size(name: &str, given: Option<i32>) -> Result<usize> {
    match given.map(usize::try_from) {
        None => Ok(SIZE_DEFAULT),
        Some(Ok(size)) if size <= SIZE_MAX => Ok(size),
        Some(_) => Err(error::input(format!("`{name}` must be between 0 and {SIZE_MAX}"))),
    }
}

fn position(name: &str, cursor: &str, count: usize, key: &impl Fn(usize) -> String) -> Result<usize> {
    let Ok(OpaqueCursor((index, wanted))) = OpaqueCursor::<(usize, String)>::decode_cursor(cursor) else {
        return Err(error::input(format!("`{name}` is no cursor of this list")));
    };
    if index < count && key(index) == wanted {
        return Ok(index);
    }
    (0..count).find(|index| key(*index) == wanted).ok_or_else(|| {
        error::input(format!(
            "the entry of `{name}` is not in the list any more; start again"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::{Wanted, cost, cut};

    fn page(size: Option<i32>, after: Option<String>, backward: bool) -> Result<(Vec<i32>, String), String> {
        let items: Vec<i32> = (0..10).collect();
        let wanted = Wanted {
            first: size.filter(|_| !backward),
            last: size.filter(|_| backward),
            before: after.clone().filter(|_| backward),
            after: after.filter(|_| !backward),
        };
        let page = cut(
            items.len(),
            |place| &items[place],
            &wanted,
            ToString::to_string,
            |item: &i32| *item,
        )
        .map_err(|error| error.message)?;
        let cursor = if backward {
            page.edges.first()
        } else {
            page.edges.last()
        };
        let cursor = cursor.map(|edge| edge.cursor.clone()).unwrap_or_default();
        Ok((page.edges.into_iter().map(|edge| edge.node).collect(), cursor))
    }

    #[test]
    fn pages_follow_each_other_in_both_directions() {
        let (nodes, cursor) = page(Some(4), None, false).expect("a page");
        assert_eq!(nodes, [0, 1, 2, 3]);
        let (nodes, cursor) = page(Some(4), Some(cursor), false).expect("a page");
        assert_eq!(nodes, [4, 5, 6, 7]);
        assert_eq!(page(Some(4), Some(cursor), false).expect("a page").0, [8, 9]);
        let (nodes, cursor) = page(Some(3), None, true).expect("a page");
        assert_eq!(nodes, [7, 8, 9]);
        assert_eq!(
            page(Some(30), Some(cursor), true).expect("a page").0,
            [0, 1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn sizes_and_cursors_that_make_no_sense_are_refused() {
        assert!(page(Some(0), None, false).is_ok());
        assert!(page(Some(-1), None, false).is_err());
        assert!(page(Some(501), None, true).is_err());
        for cursor in ["", "!", "abc", "WzEsMl0"] {
            assert!(page(None, Some(cursor.to_owned()), false).is_err(), "{cursor}");
        }
    }

    #[test]
    fn costs_do_not_overflow() {
        assert_eq!(cost(None, None, 3), 150);
        assert_eq!(cost(Some(i32::MAX), None, usize::MAX), 1_000_000);
        assert_eq!(cost(Some(-5), None, 7), 0);
    }
}
