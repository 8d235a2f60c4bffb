import { Component, type ComponentChildren, type FunctionComponent, h } from 'preact';

/**
 * A component that is drawn again only with other properties. That of `preact/compat` would come with a copy of the properties
 * of each element of the page, every time that it is drawn.
 */
export function memo<Props extends object>(
  draw: FunctionComponent<Props>,
  isSame: (before: Props, after: Props) => boolean = hasSameParts,
) {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(after: Props): boolean {
      return !isSame(this.props, after);
    }

    override render(): ComponentChildren {
      // In an own component: that one is drawn again with a signal that it reads.
      return h(draw, this.props);
    }
  };
}

/** Whether all properties are the same objects, but for one that is looked at otherwise. */
export function hasSameParts<Props extends object>(
  before: Props,
  after: Props,
  besides?: keyof Props,
): boolean {
  // Asked of each row in each frame: without lists of the names.
  for (const name in after) {
    if (after[name] !== before[name] && name !== besides) {
      return false;
    }
  }
  for (const name in before) {
    if (!(name in after)) {
      return false;
    }
  }
  return true;
}
