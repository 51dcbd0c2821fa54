//! Refuses documents that would expand beyond measure, before anything walks them.
//!
//! The limits of async-graphql follow every fragment spread anew, so that a document of one kilobyte, in which
//! each fragment spreads the next one twice, keeps a processor busy for hours before a limit speaks. Here every
//! fragment is measured once. It is an extension of the schema and not part of the HTTP handler, so that no
//! other way to a schema goes around it.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest};
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{ErrorExtensionValues, Request, ServerError, ServerResult};

use super::scan;

/// The most selections that all operations of a document may expand to together.
const SELECTIONS_MAX: u64 = 2_000;
/// The deepest nesting of fields.
const FIELDS_DEPTH_MAX: u64 = 20;
/// The deepest nesting of selections: fields, inline fragments and spreads.
const NESTING_MAX: u64 = 32;

/// The extension.
pub struct Guard;

impl ExtensionFactory for Guard {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Guard {
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        mut request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        read(&mut request)?;
        next.run(ctx, request).await
    }
}

/// Parses the document of the request, unless that was done before, and refuses it if it is too large. The
/// parsed document stays in the request. Cost: linear in the text.
pub fn read(request: &mut Request) -> Result<&ExecutableDocument, ServerError> {
    scan::check(&request.query).map_err(|reason| refusal(reason, "QUERY_TOO_COMPLEX"))?;
    let document = request
        .parsed_query()
        .map_err(|error| with_code(error, "GRAPHQL_PARSE_FAILED"))?;
    measure(document).map_err(|reason| refusal(reason, "QUERY_TOO_COMPLEX"))?;
    Ok(document)
}

/// The error with this code, unless it has one already.
pub fn with_code(mut error: ServerError, code: &str) -> ServerError {
    let values = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if values.get("code").is_none() {
        values.set("code", code);
    }
    error
}

fn refusal(reason: &str, code: &str) -> ServerError {
    with_code(ServerError::new(reason, None), code)
}

/// What a selection set expands to.
#[derive(Clone, Copy, Default)]
struct Size {
    selections: u64,
    fields_depth: u64,
    nesting: u64,
}

impl Size {
    fn check(self) -> Result<Self, &'static str> {
        if self.selections > SELECTIONS_MAX {
            Err("the document expands to more than 2,000 selections")
        } else if self.fields_depth > FIELDS_DEPTH_MAX {
            Err("the document nests fields more than 20 deep")
        } else if self.nesting > NESTING_MAX {
            Err("the document nests selections more than 32 deep")
        } else {
            Ok(self)
        }
    }
}

fn measure(document: &ExecutableDocument) -> Result<(), &'static str> {
    let mut meter = Meter {
        document,
        fragments: HashMap::new(),
    };
    // Unused fragments too: validation walks them, whether or not an operation does.
    for name in document.fragments.keys() {
        meter.fragment(name, 0)?;
    }
    let mut selections = 0_u64;
    for (_, operation) in document.operations.iter() {
        let size = meter.set(&operation.node.selection_set.node, 0)?;
        selections = selections.saturating_add(size.selections);
        Size { selections, ..size }.check()?;
    }
    Ok(())
}

struct Meter<'a> {
    document: &'a ExecutableDocument,
    /// Sizes of the fragments measured so far; `None` while one is being measured.
    fragments: HashMap<&'a str, Option<Size>>,
}

impl<'a> Meter<'a> {
    /// `depth` counts this function's own recursion and stops it: a chain of fragments can be as long as the
    /// document, and what it leads to is not known before its end.
    fn set(&mut self, set: &'a SelectionSet, depth: u64) -> Result<Size, &'static str> {
        if depth > NESTING_MAX + 1 {
            return Err("the document nests selections more than 32 deep");
        }
        let mut total = Size::default();
        for item in &set.items {
            let size = match &item.node {
                Selection::Field(field) => {
                    let inner = self.set(&field.node.selection_set.node, depth + 1)?;
                    Size {
                        fields_depth: inner.fields_depth + 1,
                        ..inner
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.set(&fragment.node.selection_set.node, depth + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, depth + 1)?
                }
            };
            total.selections = total.selections.saturating_add(size.selections).saturating_add(1);
            total.fields_depth = total.fields_depth.max(size.fields_depth);
            total.nesting = total.nesting.max(size.nesting + 1);
        }
        total.check()
    }

    fn fragment(&mut self, name: &str, depth: u64) -> Result<Size, &'static str> {
        // A fragment that does not exist is for validation to name.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Size::default());
        };
        match self.fragments.get(name.as_str()) {
            Some(Some(size)) => Ok(*size),
            Some(None) => Err("the document has a fragment that spreads itself"),
            None => {
                self.fragments.insert(name, None);
                let size = self.set(&fragment.node.selection_set.node, depth)?;
                self.fragments.insert(name, Some(size));
                Ok(size)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::{Request, read};

    fn code_of(query: &str) -> String {
        let mut request = Request::new(query);
        match read(&mut request) {
            Ok(_) => "OK".to_owned(),
            Err(error) => error
                .extensions
                .and_then(|values| values.get("code").map(ToString::to_string))
                .unwrap_or_default()
                .replace('"', ""),
        }
    }

    fn bomb(levels: usize) -> String {
        let mut text = String::from("{ ...f0 }\n");
        for level in 0..levels {
            let _ = writeln!(
                text,
                "fragment f{level} on Query {{ ...f{0} ...f{0} }}",
                level + 1
            );
        }
        let _ = writeln!(text, "fragment f{levels} on Query {{ __typename }}");
        text
    }

    #[test]
    fn a_fragment_bomb_is_refused_at_any_size() {
        assert_eq!(code_of(&bomb(5)), "OK");
        for levels in [10, 17, 25, 31, 1_000] {
            assert_eq!(code_of(&bomb(levels)), "QUERY_TOO_COMPLEX", "{levels} levels");
        }
    }

    #[test]
    fn the_operations_of_a_document_count_together() {
        let mut text = String::from("fragment f on Query { ");
        for number in 0..500 {
            let _ = write!(text, "a{number}: __typename ");
        }
        text.push('}');
        for number in 0..3 {
            let _ = write!(text, " query q{number} {{ ...f }}");
        }
        assert_eq!(code_of(&text), "OK");
        assert_eq!(code_of(&(text + " query q4 { ...f }")), "QUERY_TOO_COMPLEX");
    }

    #[test]
    fn cycles_and_depth_are_refused_even_in_fragments_that_nothing_uses() {
        assert_eq!(
            code_of("{ a } fragment f on Q { ...g } fragment g on Q { ...f }"),
            "QUERY_TOO_COMPLEX"
        );
        let nest = |count: usize| "{ a ".repeat(count) + &"}".repeat(count);
        assert_eq!(code_of(&nest(20)), "OK");
        assert_eq!(code_of(&nest(21)), "QUERY_TOO_COMPLEX");
        assert_eq!(
            code_of(&format!("{{ a }} fragment f on Q {}", nest(21))),
            "QUERY_TOO_COMPLEX"
        );
        let inline = |count: usize| "{ ... ".repeat(count) + "{ a }" + &"}".repeat(count);
        assert_eq!(code_of(&inline(31)), "OK");
        assert_eq!(code_of(&inline(32)), "QUERY_TOO_COMPLEX");
    }

    #[test]
    fn what_is_no_document_is_said_to_be_none() {
        assert_eq!(code_of("{ a"), "GRAPHQL_PARSE_FAILED");
        assert_eq!(code_of(""), "GRAPHQL_PARSE_FAILED");
    }
}
