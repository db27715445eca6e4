using CsCheck;
using Kneepoint.Search;

namespace Kneepoint.Tests.Search;

public sealed class SensitivityTests
{
    static readonly Gen<SensitivityTable> Table = Gen.Select(Gen.Int[0, 5], Gen.Double, Gen.Double, Gen.Long[0, long.MaxValue]).Array[0, 12].Select(entries =>
    {
        var table = new SensitivityTable();
        LayerMethod[] methods = [Tables.Int8, Tables.Mse, Tables.Int4];
        foreach (var (place, loss, error, samples) in entries) table.Set($"layer{place}", methods[place % 3], new Sensitivity(loss, error, samples));
        return table;
    });

    [Fact]
    public void Bytes_read_back_to_the_same() =>
        Table.Sample(table =>
        {
            var again = SensitivityTable.FromBytes(table.ToBytes());

            Assert.Equal(table.ToBytes(), again.ToBytes());
            Assert.Equal(table.Entries, again.Entries);
        }, iter: 200);

    [Fact]
    public void Damaged_bytes_are_refused_or_read() =>
        Gen.Select(Table, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((table, place, value) =>
        {
            byte[] bytes = table.ToBytes();
            Assert.Throws<FormatException>(() => SensitivityTable.FromBytes(bytes.AsSpan(0, place % bytes.Length)));
            bytes[place % bytes.Length] = value;
            try
            {
                SensitivityTable.FromBytes(bytes);
            }
            catch (FormatException)
            {
                // The one exception that damage may cause.
            }
        }, iter: 500);

    [Fact]
    public void Few_groups_are_measured_alone()
    {
        var table = Tables.Of(8, seed: 1, shared: [["l1", "l2"]]);

        var probes = SensitivityProbing.Next(table, Tables.Int8, new Dictionary<SensitivityProbe, Sensitivity>(), most: 7);

        Assert.Equal(table.Groups.Select(group => group.Id), probes.Select(probe => probe.Groups.Single()));
        Assert.Equal(["l1", "l2"], probes[1].ToRecipe(table).Steps.Single().Layers);
    }

    [Fact]
    public void Many_groups_are_halved_where_the_loss_is()
    {
        var table = Tables.Of(400, seed: 2);
        var measured = new Dictionary<SensitivityProbe, Sensitivity>();
        while (SensitivityProbing.Next(table, Tables.Int8, measured, most: 40) is { Length: > 0 } probes)
        {
            // Layers 100 and 307 alone lose anything.
            foreach (var probe in probes) measured.Add(probe, new Sensitivity((probe.Groups.Contains("l100") ? 5 : 0) + (probe.Groups.Contains("l307") ? 2 : 0), 0.1, 8));
        }

        var sensitivities = SensitivityProbing.Table(table, measured);

        Assert.InRange(measured.Count, 1, 40);
        Assert.Equal(400, sensitivities.Count);
        Assert.True(sensitivities.TryGet("l100", Tables.Int8, out var first));
        Assert.True(sensitivities.TryGet("l307", Tables.Int8, out var second));
        Assert.Equal((5, 2), (first.Loss, second.Loss));
        Assert.Equal(7, sensitivities.Entries.Sum(entry => entry.Measured.Loss), 1e-9);
    }
}
