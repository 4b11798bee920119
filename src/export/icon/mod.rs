//! The icon of a web clip: a square PNG (ISO/IEC 15948) within the limits of Apple's `com.apple.webClip.managed`.

mod drawing;

use std::io::Cursor;

use png::{Decoder, DecodingError, Limits};
use thiserror::Error;

/// A square PNG that a Home Screen takes as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Icon {
    png: Vec<u8>,
}

/// Why a picture is no icon.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IconError {
    /// Not a PNG, or one that is broken.
    #[error("it is no PNG that can be read: {0}")]
    Malformed(String),
    /// More wide than high, or the other way round.
    #[error("it has {width} × {height} pixels, and an icon is square")]
    NotSquare {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// More pixels than a Home Screen wants.
    #[error("it has {side} × {side} pixels; at most {WIDEST} × {WIDEST} are taken")]
    TooWide {
        /// Its width and height.
        side: u32,
    },
    /// More bytes than a Home Screen wants.
    #[error("it has {0} bytes when it is unpacked; fewer than {MOST_BYTES} are taken")]
    TooLarge(usize),
}

impl Icon {
    /// The most bytes of a file that may hold one.
    pub const MOST_FILE_BYTES: usize = MOST_BYTES;

    /// Takes a picture for an icon. It is read to its end and kept byte for byte.
    ///
    /// # Errors
    /// No PNG, or one that is broken, not square or too large.
    pub fn from_png(png: Vec<u8>) -> Result<Self, IconError> {
        let malformed = |error: DecodingError| IconError::Malformed(error.to_string());
        // What it says of its size is judged before room is made for that.
        let mut decoder = Decoder::new_with_limits(Cursor::new(&png), Limits { bytes: MOST_BYTES });
        let header = decoder.read_header_info().map_err(malformed)?;
        let (width, height) = (header.width, header.height);
        if width != height {
            return Err(IconError::NotSquare { width, height });
        }
        if width > WIDEST {
            return Err(IconError::TooWide { side: width });
        }
        let mut reader = decoder.read_info().map_err(malformed)?;
        let unpacked = reader.output_buffer_size().unwrap_or(usize::MAX);
        if unpacked >= MOST_BYTES {
            return Err(IconError::TooLarge(unpacked));
        }
        reader.next_frame(&mut vec![0; unpacked]).map_err(malformed)?;
        reader.finish().map_err(malformed)?;
        Ok(Self { png })
    }

    /// Our own: a hub with three spokes and a padlock, 180 × 180 pixels, which is what an iPhone shows.
    pub fn drawn() -> Self {
        Self { png: drawing::png() }
    }

    /// The PNG.
    pub fn as_png(&self) -> &[u8] {
        &self.png
    }
}

/// "No larger than 400 x 400 pixels", says the schema.
const WIDEST: u32 = 400;
/// "Less than 1 MB when uncompressed", says the schema.
const MOST_BYTES: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use png::{BitDepth, ColorType, Encoder};

    fn picture(width: u32, height: u32, colour: ColorType, depth: BitDepth) -> Vec<u8> {
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, width, height);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        let octets = colour.samples() * width as usize * height as usize * depth as usize / 8;
        encoder.write_header().unwrap().write_image_data(&vec![0x7f; octets]).unwrap();
        png
    }

    #[test]
    fn a_square_picture_is_kept_byte_for_byte() {
        for (side, colour) in [(1, ColorType::Grayscale), (180, ColorType::Rgb), (400, ColorType::Rgba)] {
            let png = picture(side, side, colour, BitDepth::Eight);
            assert_eq!(Icon::from_png(png.clone()).unwrap().as_png(), png);
        }
    }

    #[test]
    fn a_picture_outside_the_schema_is_refused_with_its_figures() {
        let refused = |png: Vec<u8>| Icon::from_png(png).err().unwrap();
        let oblong = picture(180, 120, ColorType::Rgb, BitDepth::Eight);
        assert_eq!(refused(oblong), IconError::NotSquare { width: 180, height: 120 });
        assert_eq!(refused(picture(401, 401, ColorType::Rgb, BitDepth::Eight)), IconError::TooWide { side: 401 });
        let deep = picture(400, 400, ColorType::Rgba, BitDepth::Sixteen);
        assert_eq!(refused(deep), IconError::TooLarge(1_280_000));
    }

    #[test]
    fn what_is_no_png_or_broken_is_refused() {
        let whole = picture(64, 64, ColorType::Rgb, BitDepth::Eight);
        let mut bent = whole.clone();
        let middle = bent.len() / 2;
        bent[middle] ^= 0xff;
        for bytes in [b"".to_vec(), b"\xff\xd8\xff\xe0JFIF".to_vec(), whole[..whole.len() - 20].to_vec(), bent] {
            assert!(matches!(Icon::from_png(bytes), Err(IconError::Malformed(_))));
        }
    }

    #[test]
    fn a_header_that_promises_much_takes_no_room() {
        let mut png = picture(64, 64, ColorType::Rgb, BitDepth::Eight);
        png[16..24].copy_from_slice(b"\x7f\xff\xff\xff\x7f\xff\xff\xff");
        assert!(Icon::from_png(png).is_err());
    }

    #[test]
    fn our_own_is_an_icon_and_the_same_whenever_it_is_drawn() {
        let icon = Icon::drawn();
        assert!(icon == Icon::drawn());
        assert!(Icon::from_png(icon.as_png().to_vec()).unwrap() == icon);
        assert!(icon.as_png().len() < 16 * 1024, "{}", icon.as_png().len());
    }
}
