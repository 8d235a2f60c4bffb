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

function hasSameParts<Props extends object>(before: Props, after: Props): boolean {
  const names = Object.keys(after) as (keyof Props)[];
  return names.length === Object.keys(before).length && names.every((name) => before[name] === after[name]);
}
