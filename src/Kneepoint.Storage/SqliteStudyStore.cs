using System.Globalization;
using System.Text;
using Kneepoint.Search;
using Kneepoint.Studies;
using Microsoft.Data.Sqlite;

namespace Kneepoint.Storage;

/// <summary>A study in one SQLite file.</summary>
/// <remarks>
/// Rollback journal with synchronous=EXTRA: a trial that <see cref="Add"/> has returned survives the end of the process and of the power.
/// The file carries an application id and a schema version, so that another program's database is refused and never written.
/// </remarks>
public sealed class SqliteStudyStore : IStudyStore
{
    // "KNEE" in ASCII: marks the file as ours (PRAGMA application_id).
    const int ApplicationId = 0x4B4E4545;
    const int SchemaVersion = 1;
    const int BusySeconds = 30;
    const int SqliteReadOnly = 8;
    const int SqliteConstraint = 19;

    readonly Lock _gate = new();
    readonly string _file;
    readonly SqliteConnection _connection;

    SqliteStudyStore(string file, SqliteConnection connection) => (_file, _connection) = (file, connection);

    /// <summary>Opens a study, or makes a new one.</summary>
    /// <exception cref="StudyStoreException">The file is no study of ours, is damaged, or cannot be written.</exception>
    public static SqliteStudyStore Open(string file) => Open(file, SqliteOpenMode.ReadWriteCreate);

    /// <summary>Opens a study that must be there, for reading only.</summary>
    /// <exception cref="StudyStoreException">There is no such file, it is no study of ours, or it is damaged.</exception>
    public static SqliteStudyStore OpenExisting(string file)
    {
        if (!File.Exists(file)) throw new StudyStoreException($"'{file}' does not exist: expected the database of a study.");
        if (IsEmpty(file)) throw new StudyStoreException($"'{file}' is empty: nothing has been measured yet. Run 'kneepoint run' first.");
        try
        {
            return Open(file, SqliteOpenMode.ReadOnly);
        }
        catch (StudyStoreException exception) when (exception.InnerException is SqliteException { SqliteErrorCode: SqliteReadOnly })
        {
            // A process was killed while it wrote: the journal has to be rolled back, which takes the right to write.
            Open(file, SqliteOpenMode.ReadWrite).Dispose();
            return Open(file, SqliteOpenMode.ReadOnly);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Trial> Trials() => Guarded(() =>
    {
        using var command = Command("SELECT number, recipe, outcome, figures, scores, seconds FROM trials ORDER BY number");
        using var reader = command.ExecuteReader();
        var trials = new List<Trial>();
        while (reader.Read())
        {
            int number = reader.GetInt32(0);
            byte[]? scores = reader.IsDBNull(4) ? null : reader[4] as byte[] ?? throw Damage(number, "expected bytes as sample scores, found text or a number.");
            try
            {
                trials.Add(new Trial(number, Recipe.Parse(reader.GetString(1)), OutcomeText.Read(reader.GetString(2), reader.GetString(3), scores), reader.GetDouble(5)));
            }
            catch (Exception exception) when (exception is FormatException or InvalidCastException or StudyStoreException)
            {
                throw Damage(number, exception.Message, exception);
            }
        }

        return (IReadOnlyList<Trial>)trials;
    });

    /// <inheritdoc/>
    public Trial Add(Recipe recipe, TrialOutcome outcome, double seconds)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var (kind, figures, scores) = OutcomeText.Write(outcome);
        return Guarded(() =>
        {
            using var command = Command("""
                INSERT INTO trials (number, id, recipe, outcome, figures, scores, seconds)
                VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM trials), $id, $recipe, $outcome, $figures, $scores, $seconds) RETURNING number
                """);
            command.Parameters.AddWithValue("$id", recipe.Id);
            command.Parameters.AddWithValue("$recipe", recipe.CanonicalJson);
            command.Parameters.AddWithValue("$outcome", kind);
            command.Parameters.AddWithValue("$figures", figures);
            command.Parameters.AddWithValue("$scores", (object?)scores ?? DBNull.Value);
            command.Parameters.AddWithValue("$seconds", seconds);
            try
            {
                int number = Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
                return new Trial(number, recipe, outcome, seconds);
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode == SqliteConstraint)
            {
                throw new InvalidOperationException($"The recipe {recipe.Id} is in the study already.", exception);
            }
        });
    }

    /// <inheritdoc/>
    public byte[]? Get(string name) => Guarded(() =>
    {
        using var command = Command("SELECT value FROM entries WHERE name = $name");
        command.Parameters.AddWithValue("$name", name);
        return command.ExecuteScalar() switch
        {
            null => null,
            byte[] value => value,
            _ => throw new StudyStoreException($"'{_file}' is damaged: expected bytes as its entry '{name}', found text or a number."),
        };
    });

    /// <inheritdoc/>
    public void Put(string name, ReadOnlySpan<byte> value)
    {
        byte[] copy = value.ToArray();
        Guarded(() =>
        {
            using var command = Command("INSERT INTO entries (name, value) VALUES ($name, $value) ON CONFLICT (name) DO UPDATE SET value = $value");
            command.Parameters.AddWithValue("$name", name);
            command.Parameters.AddWithValue("$value", copy);
            return command.ExecuteNonQuery();
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _connection.Dispose();
    }

    static SqliteStudyStore Open(string file, SqliteOpenMode mode)
    {
        CheckHeader(file);

        // Without pooling the file is free the moment the store is disposed.
        var text = new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = BusySeconds };
        var store = new SqliteStudyStore(file, new SqliteConnection(text.ToString()));
        try
        {
            store.Guarded(() =>
            {
                store._connection.Open();
                if (mode != SqliteOpenMode.ReadOnly) store.Prepare();
                store.Verify();
                return 0;
            });
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    void Prepare()
    {
        // Before anything is set, for settings are written into the file.
        if (Number("SELECT COUNT(*) FROM sqlite_master") > 0) VerifyOwner();
        Execute("PRAGMA journal_mode = DELETE");
        Execute("PRAGMA synchronous = EXTRA");
        using var transaction = _connection.BeginTransaction(deferred: false);
        if (Number("SELECT COUNT(*) FROM sqlite_master") == 0)
        {
            Execute("""
                CREATE TABLE trials (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, recipe TEXT NOT NULL, outcome TEXT NOT NULL,
                    figures TEXT NOT NULL, scores BLOB, seconds REAL NOT NULL);
                CREATE TABLE entries (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
                """);
            Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
            Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {SchemaVersion}"));
        }

        transaction.Commit();
    }

    void VerifyOwner()
    {
        long application = Number("PRAGMA application_id"), version = Number("PRAGMA user_version");
        if (application != ApplicationId) throw new StudyStoreException($"'{_file}' is the database of another program, not a study.");
        if (version != SchemaVersion)
        {
            throw new StudyStoreException(string.Create(CultureInfo.InvariantCulture,
                $"'{_file}' has schema version {version}; this program reads version {SchemaVersion}."));
        }
    }

    void Verify()
    {
        VerifyOwner();
        using var check = Command("PRAGMA quick_check(1)");
        string found = Convert.ToString(check.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
        if (found != "ok") throw new StudyStoreException($"'{_file}' is damaged: {found.ReplaceLineEndings(" ")}.");
    }

    // SQLite would take a short file for an empty database and write into it.
    static void CheckHeader(string file)
    {
        // Empty is what a process that ended while it made the file leaves. So is a pipe, whose opening would wait for its writer.
        if (!File.Exists(file) || IsEmpty(file)) return;
        Span<byte> header = stackalloc byte[16];
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        int length = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        bool isDatabase = length == 0 || (length == header.Length && header.SequenceEqual("SQLite format 3\0"u8));
        if (!isDatabase) throw new StudyStoreException($"'{file}' is not a study: expected an SQLite database, found other content.");
    }

    static bool IsEmpty(string file) => ((FileInfo?)new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true) ?? new FileInfo(file)) is not { Length: > 0 };

    StudyStoreException Damage(int trial, string found, Exception? inner = null)
    {
        string sentence = string.Create(CultureInfo.InvariantCulture, $"'{_file}' is damaged at trial {trial}: {found}");
        return inner is null ? new StudyStoreException(sentence) : new StudyStoreException(sentence, inner);
    }

    SqliteCommand Command(string text)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    void Execute(string text)
    {
        using var command = Command(text);
        command.ExecuteNonQuery();
    }

    long Number(string text)
    {
        using var command = Command(text);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    T Guarded<T>(Func<T> act)
    {
        lock (_gate)
        {
            try
            {
                return act();
            }
            catch (SqliteException exception)
            {
                throw new StudyStoreException($"'{_file}': {Sentence(exception)}", exception);
            }
            catch (DecoderFallbackException exception)
            {
                throw new StudyStoreException($"'{_file}' is damaged: {exception.Message}", exception);
            }
        }
    }

    static string Sentence(SqliteException exception) => exception.SqliteErrorCode switch
    {
        1 => "the study is damaged; expected the tables of a study. Restore it from a copy, or use a new folder.",
        5 or 6 => "another process has held the study for too long.",
        8 or 14 => "the study cannot be written or opened here.",
        10 => "reading or writing the disk failed.",
        11 or 26 => "the study is damaged; expected an intact SQLite database. Restore it from a copy, or use a new folder.",
        13 => "the disk is full. Free some space and run the same command again: nothing that was stored is lost.",
        _ => exception.Message,
    };
}
