/** The layers of ../shared design: each knows only those below it. No React below `views/`. */

const LAYERS = ["views", "state", "guard", "crypto", "matrix", "platform"];

const upward = LAYERS.map((layer, at) => ({
  name: `${layer}-knows-only-what-is-below`,
  severity: "error",
  from: { path: `^src/${layer}/` },
  to: { path: `^src/(${["main", ...LAYERS.slice(0, at)].join("|")})` },
}));

module.exports = {
  forbidden: [
    ...upward,
    {
      name: "no-react-below-views",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(views/|main\\.tsx|platform/words\\.ts)" },
      to: { path: "node_modules/(react|react-dom|react-i18next|react-aria-components)(/|$)" },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
  },
};
