import * as Aria from "react-aria-components";

import css from "./parts.module.css";

interface Props extends Aria.TextFieldProps {
  label: string;
  hint?: string | undefined;
  wrong?: string | undefined;
  placeholder?: string;
}

/** One line to be filled in, with its label, a hint, and what is wrong with it. */
export function Field({ label, hint, wrong, placeholder, ...rest }: Props) {
  return (
    <Aria.TextField {...rest} isInvalid={wrong !== undefined} className={css["field"] ?? ""}>
      <Aria.Label className={css["label"] ?? ""}>{label}</Aria.Label>
      <Aria.Input className={css["input"] ?? ""} {...(placeholder && { placeholder })} />
      {hint && !wrong && (
        <Aria.Text slot="description" className={css["hint"] ?? ""}>
          {hint}
        </Aria.Text>
      )}
      <Aria.FieldError className={css["wrong"] ?? ""}>{wrong}</Aria.FieldError>
    </Aria.TextField>
  );
}
