"""Reading HDF5 files, netCDF 4 and MATLAB 7.3 among them, whatever program wrote them."""
