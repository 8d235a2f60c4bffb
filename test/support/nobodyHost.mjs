// The socket host as `nobody`, started by root: a process that is told to be another user keeps the pipe that it was born with.
process.setgroups([]);
process.setgid(65534);
process.setuid(65534);
await import('../../dist/socketHost.js');
