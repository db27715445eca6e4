using Kneepoint.Calibration;

namespace Kneepoint.Search;

/// <summary>A measured loss with its noise.</summary>
/// <param name="Loss">The mean divergence from the baseline's outputs; infinite if outputs were no numbers.</param>
/// <param name="StandardError">Of the mean over samples; 0 if there is only one.</param>
/// <param name="Samples">Samples that it was measured on.</param>
public readonly record struct Sensitivity(double Loss, double StandardError, long Samples);

/// <summary>What treating one group of layers alone does to the network's outputs, by group and method.</summary>
public sealed class SensitivityTable
{
    const string What = "sensitivities";
    const int Version = 1;
    static readonly byte[] Magic = "KPSE"u8.ToArray();
    readonly SortedDictionary<(string Group, LayerMethod Method), Sensitivity> _entries = new(Comparer<(string Group, LayerMethod Method)>.Create((left, right) =>
        string.CompareOrdinal(left.Group, right.Group) is var byGroup and not 0 ? byGroup : left.Method.CompareTo(right.Method)));

    /// <summary>The number of entries.</summary>
    public int Count => _entries.Count;

    /// <summary>All entries in ordinal order of group and method.</summary>
    public IEnumerable<(string Group, LayerMethod Method, Sensitivity Measured)> Entries => _entries.Select(entry => (entry.Key.Group, entry.Key.Method, entry.Value));

    /// <summary>Enters a measurement, in place of an earlier one.</summary>
    /// <param name="group">The group's name: its first layer.</param>
    /// <param name="method">What was done to it.</param>
    /// <param name="measured">What came of it.</param>
    public void Set(string group, LayerMethod method, Sensitivity measured)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        ArgumentNullException.ThrowIfNull(method);
        _entries[(group, method)] = measured;
    }

    /// <summary>Finds a measurement.</summary>
    public bool TryGet(string group, LayerMethod method, out Sensitivity measured) => _entries.TryGetValue((group, method), out measured);

    /// <summary>Writes everything; <see cref="FromBytes"/> reads it back. The same table gives the same bytes.</summary>
    public byte[] ToBytes()
    {
        var writer = new ByteWriter();
        writer.WriteRaw(Magic);
        writer.WriteCount(Version);
        writer.WriteCount(_entries.Count);
        foreach (var ((group, method), measured) in _entries)
        {
            writer.WriteText(group);
            writer.WriteText(method.Name);
            writer.WriteCount(method.Options.Count);
            foreach (var (name, value) in method.Options.OrderBy(option => option.Key, StringComparer.Ordinal))
            {
                writer.WriteText(name);
                writer.WriteText(value);
            }

            writer.WriteDouble(measured.Loss);
            writer.WriteDouble(measured.StandardError);
            writer.WriteCount(measured.Samples);
        }

        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are of another version, damaged or cut off; the message says where.</exception>
    public static SensitivityTable FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, What);
        reader.Expect(Magic, Version);

        // An entry takes at least 20 bytes, an option at least two.
        int count = reader.ReadLength(20);
        var table = new SensitivityTable();
        for (int i = 0; i < count; i++)
        {
            string group = reader.ReadText();
            var method = new LayerMethod(reader.ReadText());
            int options = reader.ReadLength(2);
            for (int option = 0; option < options; option++)
            {
                string name = reader.ReadText();
                if (method.Options.ContainsKey(name)) throw reader.Damage($"the option '{name}' occurs twice");
                method = new LayerMethod(method.Name, method.Options.Add(name, reader.ReadText()));
            }

            if (group.Length == 0) throw reader.Damage("a group has no name");
            if (table.TryGet(group, method, out _)) throw reader.Damage($"'{method}' of '{group}' occurs twice");
            table.Set(group, method, new Sensitivity(reader.ReadDouble(), reader.ReadDouble(), reader.ReadCount()));
        }

        reader.ExpectEnd();
        return table;
    }
}
