import { Component, type ComponentChildren, Fragment } from 'preact';

/** How often a part is drawn anew before its fault is let through: one that always fails must not loop. */
const maxRecoveries = 5;

/**
 * A part of the page that is drawn anew when drawing it has failed: without this it would stand still from then on,
 * while the records go on behind it. The fault is still told, as one that nobody caught.
 */
export class Recovery extends Component<{ children: ComponentChildren }, { generation: number }> {
  override state = { generation: 0 };

  override componentDidCatch(error: unknown): void {
    const { generation } = this.state;
    if (generation === maxRecoveries) {
      throw error;
    }
    reportError(error);
    this.setState({ generation: generation + 1 });
  }

  override render() {
    return <Fragment key={this.state.generation}>{this.props.children}</Fragment>;
  }
}
