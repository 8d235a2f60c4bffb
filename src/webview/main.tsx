import { render } from 'preact';
import { App } from './components/app.js';
import { connect, readStoredView, storeView } from './connection.js';
import { PanelModel } from './state/panelModel.js';
import './styles/theme.css';
import './styles/controls.css';
import './styles/marks.css';
import './styles/frame.css';
import './styles/table.css';
import './styles/lanes.css';
import './styles/laneHead.css';
import './styles/chips.css';
import './styles/overlay.css';
import './styles/detail.css';
import './styles/composer.css';
import './styles/calls.css';
import './styles/strips.css';
import './styles/acts.css';
import './styles/form.css';
import './styles/diagram.css';
import './styles/inspector.css';
import './styles/matrix.css';
import './styles/lesson.css';
import './styles/empty.css';
import './styles/narrow.css';

const connection = connect();
const state = await connection.remote.ready();
if (state.recording) {
  const { file, observed } = state.recording;
  storeView(observed && state.trace ? { trace: { file, of: observed.of } } : { recording: file });
}
const panel = new PanelModel(connection, state, readStoredView());
panel.view.trackFocus(document, panel.filterKeys);
render(<App panel={panel} />, document.getElementById('root')!);
