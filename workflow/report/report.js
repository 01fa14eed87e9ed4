// Saves pictures as SVG and PNG. The page reads the same without it.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);

  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const svgOf = ({ src }) => new Blob([decodeURIComponent(src.slice(src.indexOf(",") + 1))], { type: "image/svg+xml" });
  const savePng = (picture, name) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [3 * picture.naturalWidth, 3 * picture.naturalHeight];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(blob, `${name}.png`), "image/png");
  };
  for (const button of document.querySelectorAll("button[data-save]")) {
    const picture = byId(`${button.dataset.id}-picture`);
    button.hidden = false;
    button.addEventListener("click", () => {
      if (button.dataset.save === "svg") save(svgOf(picture), `${button.dataset.name}.svg`);
      else savePng(picture, button.dataset.name);
    });
  }
})();
