import { Component, type ReactNode } from 'react';
import { words } from '../words/words';
import { buttonClass } from './button-class';

/** The last net: mostly a part of the program that no longer exists on the server after an update. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="mx-auto grid min-h-dvh max-w-md content-center justify-items-start gap-4 p-6">
        <h1 className="text-2xl font-semibold">{words().stopped}</h1>
        <p className="text-ink-soft">{words().stopped_text}</p>
        <button type="button" className={buttonClass('primary')} onClick={() => location.reload()}>
          {words().reload}
        </button>
      </main>
    );
  }
}
