import { useId } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { constantValue } from '../../common/tables/constants.js';
import type { PollDraft } from '../form/poll.js';
import { Icon, IconButton } from './basics.js';
import { usePanel } from './context.js';
import { DescriptorSelect } from './descriptorSelect.js';
import { FieldProblem, useProblem } from './fieldProblem.js';
import { FlagChecks } from './flagChecks.js';

/** Events that a program asks for; those that the kernel only answers with can be added too. */
const usualEvents: readonly string[] = ['POLLIN', 'POLLOUT', 'POLLPRI', 'POLLRDHUP'];

/** The descriptors that `poll(2)` looks at, and for what. */
export function PollFields({ index, name }: { index: number; name: string }) {
  const { composer, steadySockets, platform } = usePanel();
  const id = useId();
  const { fds } = composer.draft.value;
  const problem = useProblem(index);
  const set = (place: number, change: Partial<PollDraft>) =>
    composer.change({ fds: fds.map((one, at) => (at === place ? { ...one, ...change } : one)) });
  const add = () => {
    const used = new Set(fds.map(({ fd }) => fd));
    const free = [...steadySockets.value.values()].filter(
      (one) => isOpenSocket(one) && !used.has(String(one.fd)),
    );
    const fd = free.at(-1)?.fd;
    composer.change({
      fds: [
        ...fds,
        { fd: fd === undefined ? '' : String(fd), events: constantValue('POLLIN', platform.value) ?? 0 },
      ],
    });
  };
  return (
    <div class="fcol block" role="group" aria-label={name}>
      <span class="lbl">{name}</span>
      {fds.map(({ fd, events }, place) => (
        <div class="item" key={place}>
          <DescriptorSelect
            id={`${id}-${place}`}
            label={t('Descriptor {0} to poll', place + 1)}
            value={fd}
            problemKey={`${index}.fds.${place}`}
            onChange={(value) => set(place, { fd: value })}
          />
          <FlagChecks
            group="pollevents"
            prefix={/^POLL/}
            label={t('Events of descriptor {0}', place + 1)}
            usual={usualEvents}
            value={events}
            onChange={(value) => set(place, { events: value })}
          />
          <IconButton
            icon="close"
            label={t('Remove descriptor {0}', place + 1)}
            isSmall
            onClick={() => composer.change({ fds: fds.filter((_, at) => at !== place) })}
          />
        </div>
      ))}
      <button type="button" class="btn add" onClick={add}>
        <Icon name="add" />
        {t('Add a descriptor')}
      </button>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}
