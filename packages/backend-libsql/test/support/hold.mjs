import Database from 'libsql';

const database = new Database(process.argv[2]);
database.prepare('SELECT count(*) FROM documents').all([]);
process.stdout.write('open\n');
setInterval(() => database.prepare('SELECT 1').all([]), 1000);
