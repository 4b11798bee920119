//! The QR code of an address, ISO/IEC 18004: as text for a terminal, as SVG and as PNG.

use qrcode::{EcLevel, QrCode as Encoded, types::QrError as EncodeError};
use thiserror::Error;

use crate::export::Html;

/// A square of dark and light modules with the quiet zone around it, which readers need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrCode {
    address: String,
    width: usize,
    /// Row by row, the quiet zone included.
    dark: Vec<bool>,
}

/// Why there is no QR code.
#[derive(Debug, Error)]
pub enum QrError {
    /// The address is too long.
    #[error("an address of {length} bytes does not fit into a QR code")]
    TooLong {
        /// The bytes of the address.
        length: usize,
        /// What the encoder says.
        source: EncodeError,
    },
    /// The picture cannot be encoded.
    #[error("the picture of the QR code cannot be encoded")]
    Picture(#[from] png::EncodingError),
}

impl QrCode {
    /// The code of an address.
    ///
    /// # Errors
    /// An address that does not fit.
    pub fn of(address: &str) -> Result<Self, QrError> {
        let code = Encoded::with_error_correction_level(address, EcLevel::M)
            .map_err(|source| QrError::TooLong { length: address.len(), source })?;
        let (modules, inner) = (code.to_colors(), code.width());
        let width = inner + 2 * QUIET_ZONE;
        let module = |row: usize, column: usize| {
            let (row, column) = (row.checked_sub(QUIET_ZONE)?, column.checked_sub(QUIET_ZONE)?);
            modules.get(row * inner + column).filter(|_| column < inner)
        };
        let dark = (0..width * width)
            .map(|at| module(at / width, at % width).is_some_and(|module| *module == qrcode::Color::Dark))
            .collect();
        Ok(Self { address: address.to_owned(), width, dark })
    }

    fn is_dark(&self, row: usize, column: usize) -> bool {
        column < self.width && self.dark.get(row * self.width + column).copied().unwrap_or(false)
    }

    /// Rows of half blocks, two modules high each. Black and white are said outright, so that the code is the same on
    /// dark and on light terminals; where colours are taken out, the blocks still are the light modules of a dark terminal.
    pub fn terminal(&self) -> String {
        let row = |upper: usize| {
            let blocks: String = (0..self.width)
                .map(|column| match (self.is_dark(upper, column), self.is_dark(upper + 1, column)) {
                    (false, false) => '█',
                    (false, true) => '▀',
                    (true, false) => '▄',
                    (true, true) => ' ',
                })
                .collect();
            format!("{WHITE_ON_BLACK}{blocks}{RESET}\n")
        };
        (0..self.width).step_by(2).map(row).collect()
    }

    /// A drawing, dark on white whatever surrounds it.
    pub fn svg(&self) -> String {
        let mut path = String::new();
        for row in 0..self.width {
            let mut column = 0;
            while column < self.width {
                let run = (column..self.width).take_while(|column| self.is_dark(row, *column)).count();
                if run > 0 {
                    path.push_str(&format!("M{column} {row}h{run}v1h-{run}z"));
                }
                column += run.max(1);
            }
        }
        let background = format!("M0 0h{0}v{0}H0z", self.width);
        let (view_box, size) = (format!("0 0 {0} {0}", self.width), (self.width * 8).to_string());
        let mut svg = Html::new();
        let attributes = [
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("viewBox", &*view_box),
            ("width", &*size),
            ("height", &*size),
            ("role", "img"),
            ("shape-rendering", "crispEdges"),
        ];
        svg.element("svg", &attributes, |svg| {
            svg.words("title", &[], &self.address);
            svg.void("path", &[("fill", "#fff"), ("d", &background)]);
            svg.void("path", &[("fill", "#000"), ("d", &path)]);
        });
        svg.literal("\n");
        svg.into_string()
    }

    /// A picture, one bit a pixel.
    ///
    /// # Errors
    /// What the encoder says.
    pub fn png(&self) -> Result<Vec<u8>, QrError> {
        let side = self.width * PIXELS_A_MODULE;
        let mut rows = Vec::new();
        for y in 0..side {
            let light = |x: usize| x < side && !self.is_dark(y / PIXELS_A_MODULE, x / PIXELS_A_MODULE);
            let octets = (0..side).step_by(8).map(|x| (x..x + 8).fold(0, |octet, x| octet << 1 | u8::from(light(x))));
            rows.extend(octets);
        }
        let mut bytes = Vec::new();
        // At most 185 modules: the number of pixels fits.
        let side = u32::try_from(side).unwrap_or(u32::MAX);
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&rows)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// ISO/IEC 18004 6.3.8: four modules.
const QUIET_ZONE: usize = 4;
const PIXELS_A_MODULE: usize = 8;
/// From the colour cube, which no theme of a terminal changes.
const WHITE_ON_BLACK: &str = "\x1b[38;5;231;48;5;16m";
const RESET: &str = "\x1b[0m";

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "http://192.168.0.1:8080/";

    #[test]
    fn every_form_shows_the_same_modules() {
        let code = QrCode::of(ADDRESS).unwrap();
        // Version 2 has 25 modules a side, and four more on each.
        assert_eq!(code.width, 33);
        let lines: Vec<_> = code.terminal().lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 17);
        for (index, line) in lines.iter().enumerate() {
            let blocks = line.strip_prefix(WHITE_ON_BLACK).unwrap().strip_suffix(RESET).unwrap();
            for (column, block) in blocks.chars().enumerate() {
                let halves = match block {
                    '█' => (false, false),
                    '▀' => (false, true),
                    '▄' => (true, false),
                    _ => (true, true),
                };
                assert_eq!(halves, (code.is_dark(index * 2, column), code.is_dark(index * 2 + 1, column)));
            }
        }
        assert!(code.svg().contains(ADDRESS) && code.png().unwrap().starts_with(b"\x89PNG"));
    }

    #[test]
    fn the_quiet_zone_is_light_on_all_sides() {
        let code = QrCode::of(ADDRESS).unwrap();
        let edge = |at: usize| at < QUIET_ZONE || at >= code.width - QUIET_ZONE;
        for row in 0..code.width {
            for column in (0..code.width).filter(|column| edge(row) || edge(*column)) {
                assert!(!code.is_dark(row, column));
            }
        }
    }

    #[test]
    fn an_address_that_does_not_fit_is_refused() {
        let error = QrCode::of(&"a".repeat(5000)).unwrap_err();
        assert_eq!(error.to_string(), "an address of 5000 bytes does not fit into a QR code");
    }
}
