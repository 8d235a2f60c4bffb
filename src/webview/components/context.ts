import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PanelModel } from '../state/panelModel.js';

const PanelContext = createContext<PanelModel | null>(null);

export const PanelProvider = PanelContext.Provider;

/** The page's model. */
export function usePanel(): PanelModel {
  const model = useContext(PanelContext);
  if (!model) {
    throw new Error('A component of the panel needs the provider around it.');
  }
  return model;
}
