// The two buttons that keep a painting: as a picture, and as layers.

import { download, openRaster, png } from "./save.js";

/** page: elements by id; say(words), fail(words): to the user. -> what saves the picture, for a key as well. */
export function saveButtons({ page, sheet, painter, say, fail }) {
  async function finished() {
    say("Painting at full size…");
    document.body.classList.add("busy");
    try {
      return await painter.finish();
    } finally {
      document.body.classList.remove("busy");
      say("");
    }
  }

  async function layers() {
    const { ink, dabs } = sheet.layers;
    const painting = await finished();
    return [
      { name: "Lines", picture: ink },
      { name: "Colour dabs", picture: dabs, hidden: true },
      { name: "Painting", picture: painting },
    ];
  }

  const keeping = (file, make) => async () => {
    try {
      download(await make(), file);
    } catch (error) {
      fail(error.message);
    }
  };
  const savePicture = keeping("painting.png", async () => png(await finished()));
  page.save.addEventListener("click", savePicture);
  page.layers.addEventListener("click", keeping("painting.ora", async () => openRaster(await layers(), sheet.state)));
  return savePicture;
}
