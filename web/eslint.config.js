/** Types are the compiler's; here is what it does not see. */

import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["node_modules", "dist"] },
  ...ts.configs.recommendedTypeChecked,
  {
    files: ["src/**/*.{ts,tsx}"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "max-lines": ["error", { max: 250 }],
      "no-console": "error",
      "no-restricted-globals": ["error", "event", "name"],
    },
  },
  { files: ["src/views/**/*.tsx"], rules: { "max-lines": ["error", { max: 200 }] } },
  { files: ["*.js", "*.cjs", "*.ts", "tools/**"], ...ts.configs.disableTypeChecked },
);
