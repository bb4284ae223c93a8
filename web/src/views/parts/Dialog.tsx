import * as Aria from "react-aria-components";
import type { ReactNode } from "react";

import css from "./parts.module.css";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Where closing without an answer would be wrong. */
  mustAnswer?: boolean;
}

/** A question that stands before everything else. Escape closes it, and focus goes back. */
export function Dialog({ title, onClose, children, mustAnswer = false }: Props) {
  return (
    <Aria.ModalOverlay
      isOpen
      isDismissable={!mustAnswer}
      isKeyboardDismissDisabled={mustAnswer}
      onOpenChange={(isOpen) => !isOpen && onClose()}
      className={css["over"] ?? ""}
    >
      <Aria.Modal className={css["dialog"] ?? ""}>
        <Aria.Dialog style={{ display: "grid", gap: "var(--space-4)", outline: "none" }}>
          <Aria.Heading slot="title" level={2}>
            {title}
          </Aria.Heading>
          {children}
        </Aria.Dialog>
      </Aria.Modal>
    </Aria.ModalOverlay>
  );
}

/** The buttons at a dialog's end. */
export function Answers({ children }: { children: ReactNode }) {
  return <div className={css["row"]}>{children}</div>;
}
