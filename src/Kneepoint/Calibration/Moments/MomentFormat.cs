namespace Kneepoint.Calibration.Moments;

/// <summary>The bytes of <see cref="SplitMoments"/>.</summary>
/// <remarks>
/// "KPIM", version, groups, columns; for each half its rows, and for each group the sums and the upper triangle of the products row by row, as binary32.
/// What is read back is rounded to binary32, which is far below the noise of the samples.
/// </remarks>
static class MomentFormat
{
    const string What = "input moments";
    const int Version = 1;
    static readonly byte[] Magic = "KPIM"u8.ToArray();

    public static byte[] Write(SplitMoments moments)
    {
        var writer = new ByteWriter();
        writer.WriteRaw(Magic);
        writer.WriteCount(Version);
        writer.WriteCount(moments.First.Groups);
        writer.WriteCount(moments.First.Columns);
        Write(writer, moments.First);
        Write(writer, moments.Second);
        return writer.ToArray();
    }

    /// <exception cref="FormatException">The bytes are damaged.</exception>
    public static SplitMoments Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, What);
        reader.Expect(Magic, Version);
        long groups = reader.ReadCount(), columns = reader.ReadCount();
        Int128 numbers = 2 * (Int128)groups * (columns + (Int128)columns * (columns + 1) / 2);
        if (groups < 1 || columns < 1 || numbers * sizeof(float) > bytes.Length) throw reader.Damage("it announces more numbers than fit into its bytes");
        var first = Read(ref reader, (int)groups, (int)columns);
        var second = Read(ref reader, (int)groups, (int)columns);
        reader.ExpectEnd();
        return new SplitMoments(first, second);
    }

    static void Write(ByteWriter writer, InputMoments moments)
    {
        writer.WriteCount(moments.Rows);
        for (int group = 0; group < moments.Groups; group++)
        {
            foreach (double sum in moments.Sums(group)) writer.WriteSingle((float)sum);
            var products = moments.Products(group);
            for (int i = 0; i < moments.Columns; i++)
            {
                for (int j = i; j < moments.Columns; j++) writer.WriteSingle((float)products[i * moments.Columns + j]);
            }
        }
    }

    static InputMoments Read(ref ByteReader reader, int groups, int columns)
    {
        long rows = reader.ReadCount();
        double[][] products = new double[groups][], sums = new double[groups][];
        for (int group = 0; group < groups; group++)
        {
            sums[group] = new double[columns];
            products[group] = new double[checked(columns * columns)];
            for (int i = 0; i < columns; i++) sums[group][i] = reader.ReadSingle();
            for (int i = 0; i < columns; i++)
            {
                for (int j = i; j < columns; j++) products[group][i * columns + j] = reader.ReadSingle();
            }
        }

        return InputMoments.Restore(columns, rows, products, sums);
    }
}
