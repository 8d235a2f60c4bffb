import { t } from '../../l10n.js';
import { constantName } from '../constants.js';
import {
  badMemory,
  closedDescriptor,
  interfaceDown,
  interrupted,
  noDescriptorLeft,
  noInterface,
  noMemory,
} from './shared.js';
import { choose, type Facts, isListening, rule, type Rules } from './subject.js';

/** Calls on descriptors of every kind, and on paths. */

export const closing: Rules = {
  EBADF: closedDescriptor,
  EINTR: rule(
    () => t('A signal came during close; the descriptor is closed all the same.'),
    null,
    () => t("Do not close it again: the number may be another socket's by now."),
  ),
  EIO: rule(() => t('What was written before could not be stored.')),
  ENOSPC: rule(() => t('What was written before could not be stored.')),
  EDQUOT: rule(() => t('What was written before could not be stored.')),
};

const isLock = ({ args: [, command] }: Facts) =>
  typeof command === 'number' && /LKW?$/.test(constantName('fcntlcmd', command, 'linux') ?? '');

const locked = rule(
  () => t('Somebody else holds a lock here that excludes this one.'),
  () =>
    t(
      'Locks of F_SETLK belong to a process, those of F_OFD_SETLK to an open file; the two exclude each other.',
    ),
  () => t('F_GETLK and F_OFD_GETLK tell what is in the way; F_SETLKW and F_OFD_SETLKW wait.'),
);

export const controlling: Rules = {
  EBADF: choose(
    [
      (facts) => isLock(facts) && facts.socket !== undefined,
      rule(() => t('The descriptor is not open for this: F_RDLCK needs one to read, F_WRLCK one to write.')),
    ],
    closedDescriptor,
  ),
  EINVAL: choose(
    [
      isLock,
      rule(
        () => t('The kernel does not take this lock: its type, or the range that it begins and ends with.'),
        () => t('F_GETLK cannot ask for F_UNLCK, and the OFD commands want 0 in l_pid.'),
        () => t('Write F_RDLCK or F_WRLCK with SEEK_SET, and a start of 0 or more.'),
      ),
    ],
    rule(
      () => t('The kernel does not know this command, or not with this value.'),
      () => t('F_DUPFD wants a number below the limit of descriptors, F_SETPIPE_SZ a pipe.'),
      () => t('F_GETFL, F_SETFL, F_GETFD and F_SETFD work on every descriptor.'),
    ),
  ),
  ENOTDIR: rule(() => t('Only a folder can be watched by this command.')),
  EMFILE: noDescriptorLeft,
  EPERM: rule(
    () => t('This descriptor does not let that flag be changed.'),
    () => t('A seal, an append-only file, or another owner forbids it.'),
  ),
  EAGAIN: locked,
  EACCES: locked,
  EFAULT: badMemory,
  EINTR: interrupted,
  EBUSY: rule(() => t('The pipe holds more than would fit into the new size.')),
  ESRCH: rule(() => t('There is no process or group with this number.')),
};

export const requesting: Rules = {
  EBADF: closedDescriptor,
  EINVAL: choose(
    [
      isListening,
      rule(
        () => t('A listener has no bytes to count.'),
        () => t("FIONREAD and SIOCOUTQ are about a connection's data."),
        () => t('Ask a connected socket; the accept queue of a listener is in the inspector.'),
      ),
    ],
    rule(
      () => t('The request does not apply to this socket in its state.'),
      () => t('SIOCATMARK and SIOCOUTQ need a connection.'),
      () => t('Connect the socket first.'),
    ),
  ),
  ENOTTY: rule(
    () => t('This kind of descriptor does not know the request.'),
    () => t('Requests belong to families and devices: most are for one kind of socket only.'),
    () => t('FIONREAD, SIOCOUTQ and SIOCATMARK are those of TCP.'),
  ),
  EOPNOTSUPP: rule(() => t('This kind of socket does not know the request.')),
  ENOENT: rule(
    () => t('No packet has been received yet whose time could be told.'),
    () => t('SIOCGSTAMP gives the time of the last packet; the first call only turns time stamps on.'),
    () => t('Receive a packet, then ask again.'),
  ),
  ENODEV: noInterface,
  ENXIO: noInterface,
  EADDRNOTAVAIL: rule(
    () => t('The interface has no address of this family.'),
    null,
    () => t('See ip addr for the addresses.'),
  ),
  EPERM: rule(
    () => t('This request changes the network, and needs CAP_NET_ADMIN.'),
    null,
    () => t('Run as root, or in a network namespace of your own: unshare -rn.'),
  ),
  ENETDOWN: interfaceDown,
  EPFNOSUPPORT: rule(() => t('The address in this request is of a family that it is not for.')),
  EAFNOSUPPORT: rule(() => t('The address in this request is of a family that it is not for.')),
  ENOPKG: rule(() => t('This kernel is built without what the request is for, or its module is not loaded.')),
  EFAULT: badMemory,
  ENOMEM: noMemory,
};

export const polling: Rules = {
  EINVAL: rule(
    () => t('There are more entries than this process may have descriptors.'),
    null,
    () => t('Poll fewer descriptors at once.'),
  ),
  EFAULT: badMemory,
  EINTR: interrupted,
  ENOMEM: noMemory,
};

export const duplicating: Rules = {
  EBADF: closedDescriptor,
  EMFILE: noDescriptorLeft,
  ENOMEM: noMemory,
};

export const piping: Rules = {
  EMFILE: noDescriptorLeft,
  ENFILE: rule(
    () => t('The system has no room for another pipe.'),
    () => t('fs.file-max or the pipe pages of this user (fs.pipe-user-pages-hard) are used up.'),
    () => t('Close pipes that are not needed.'),
  ),
  EINVAL: rule(() => t('The kernel does not know these flags of a pipe.')),
  EFAULT: badMemory,
  ENOMEM: noMemory,
};

export const unlinking: Rules = {
  ENOENT: rule(
    () => t('There is no file of this name.'),
    () => t('It was removed before, or the socket has an abstract name, which is no file.'),
    () => t('Nothing needs to be done.'),
  ),
  EACCES: rule(
    () => t('The process may not remove files from this directory.'),
    () => t('Removing needs write permission on the directory, not on the file.'),
  ),
  EPERM: rule(
    () => t('This file may not be removed by this user, or it is a directory.'),
    () => t('In a directory like /tmp only the owner may remove a file.'),
  ),
  EISDIR: rule(
    () => t('This is a directory.'),
    null,
    () => t('Only files and sockets are unlinked here.'),
  ),
  ENOTDIR: rule(() => t('A part of the path is not a directory.')),
  EROFS: rule(() => t('The file system is read-only.')),
  EBUSY: rule(() => t('The system uses this file.')),
  ELOOP: rule(() => t('The path has too many symbolic links.')),
  ENAMETOOLONG: rule(() => t('The path is too long.')),
  EFAULT: badMemory,
  ENOMEM: noMemory,
};
