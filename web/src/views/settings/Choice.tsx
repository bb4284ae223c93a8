import { Radio, RadioGroup, Switch } from "react-aria-components";

import css from "./settings.module.css";

interface Props<T extends string> {
  label: string;
  now: T;
  of: Record<T, string>;
  onChoose: (value: T) => void;
}

/** One of a few. */
export function Choice<T extends string>({ label, now, of, onChoose }: Props<T>) {
  return (
    <RadioGroup
      aria-label={label}
      className={css["choices"] ?? ""}
      value={now}
      onChange={(value) => onChoose(value as T)}
    >
      {Object.entries<string>(of).map(([value, says]) => (
        <Radio key={value} value={value} className={css["choice"] ?? ""}>
          {says}
        </Radio>
      ))}
    </RadioGroup>
  );
}

/** Something that is on or off. */
export function OnOff({ says, is, onChange }: { says: string; is: boolean; onChange: (is: boolean) => void }) {
  return (
    <Switch isSelected={is} onChange={onChange} className={css["switch"] ?? ""}>
      <span className={css["knob"]} aria-hidden />
      {says}
    </Switch>
  );
}
