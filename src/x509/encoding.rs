//! The outermost layer of DER, X.690 8.9: the elements of a SEQUENCE as they stand, and a SEQUENCE of such elements.

use der::{Decode, Encode, Error, Header, Length, Tag, asn1::AnyRef};

/// The elements of a SEQUENCE, each with its tag and length.
pub(super) fn elements(der: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let mut rest = AnyRef::from_der(der)?.value();
    let mut elements = Vec::new();
    while !rest.is_empty() {
        let (_, tail) = AnyRef::from_der_partial(rest)?;
        elements.push(rest.get(..rest.len() - tail.len()).unwrap_or_default());
        rest = tail;
    }
    Ok(elements)
}

/// A SEQUENCE of elements that are encoded already.
pub(super) fn sequence(elements: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let length = elements.iter().map(|element| element.len()).sum::<usize>();
    let mut der = Vec::with_capacity(length + LONGEST_HEADER);
    Header::new(Tag::Sequence, Length::try_from(length)?).encode(&mut der)?;
    elements.iter().for_each(|element| der.extend_from_slice(element));
    Ok(der)
}

/// A tag and the longest of lengths.
const LONGEST_HEADER: usize = 6;
